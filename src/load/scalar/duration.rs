//! Durations: a whole number and a unit.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::text::NonBlankText;
use crate::{
    load::{
        diagnostics::Diagnostics,
        node::{ValueNode, shortened},
        shape::{FromNode, Title},
    },
    plan::{BACKOFF_MAX, BATCH_TARGET_MAX, TIMEOUT_MAX},
};

/// The units, and how many milliseconds each has.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// A timeout: longer than nothing, at most [`TIMEOUT_MAX`].
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Timeout(pub(in crate::load) Duration);

/// A pause: at most [`BACKOFF_MAX`].
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Pause(pub(in crate::load) Duration);

impl FromNode for Timeout {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let duration = read(node, TIMEOUT_MAX, "24d", diagnostics)?;
        if duration.is_zero() {
            let help = "PostgreSQL takes 0 as no limit at all, which a plan can't have: write how long it may take at most.";
            diagnostics.report("backstop::load::bad_duration", node.at, "a timeout of 0 would be off", help);
            return None;
        }
        Some(Timeout(duration))
    }
}

/// How long something is to take: longer than nothing, at most [`BATCH_TARGET_MAX`].
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Aim(pub(in crate::load) Duration);

impl FromNode for Aim {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let duration = read(node, BATCH_TARGET_MAX, "60s", diagnostics)?;
        if duration.is_zero() {
            let help = "Write how long a batch is to take: `500ms`, `1s`, `5s`.";
            diagnostics.report("backstop::load::bad_duration", node.at, "no batch takes no time", help);
            return None;
        }
        Some(Aim(duration))
    }
}

impl FromNode for Pause {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        read(node, BACKOFF_MAX, "60s", diagnostics).map(Pause)
    }
}

fn read(node: &ValueNode, max: Duration, longest: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let NonBlankText(text) = NonBlankText::read(node, diagnostics)?;
    let (message, help) = match parse(&text.source) {
        Ok(duration) if duration <= max => return Some(duration),
        Ok(_) | Err(Flaw::TooLong) => ("is too long", format!("Write {longest} at most.")),
        Err(Flaw::NoUnit) => {
            ("has no unit", format!("Write `{0}s` for seconds, `{0}ms` or `{0}min`.", shortened(&text.source)))
        }
        Err(Flaw::Other) => {
            ("is no duration", "Write a whole number and a unit: `500ms`, `5s`, `30min`, `2h` or `1d`.".to_owned())
        }
    };
    let message = format!("{:?} {message}", shortened(&text.source));
    diagnostics.report("backstop::load::bad_duration", node.at, message, help);
    None
}

/// Reads a duration outside of a plan, on the command line for instance.
///
/// # Errors
/// What is wrong with it, as a fragment.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    parse(text).map_err(|flaw| match flaw {
        Flaw::NoUnit => "a duration needs a unit",
        Flaw::TooLong => "the duration is too long",
        Flaw::Other => "a duration is a whole number and a unit",
    })
}

#[derive(Debug, PartialEq)]
enum Flaw {
    NoUnit,
    TooLong,
    Other,
}

fn parse(text: &str) -> Result<Duration, Flaw> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(Flaw::Other);
    }
    let Some((_, millis)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(if unit.is_empty() { Flaw::NoUnit } else { Flaw::Other });
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*millis)).ok_or(Flaw::TooLong)?;
    Ok(Duration::from_millis(millis))
}

impl JsonSchema for Timeout {
    fn schema_name() -> Title {
        "Timeout".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^0*[1-9][0-9]*(ms|s|min|h|d)$",
            "description": "A whole number and a unit: `500ms`, `5s`, `30min`, `2h`, `1d`."
        })
    }
}

impl JsonSchema for Aim {
    fn schema_name() -> Title {
        "Aim".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^0*[1-9][0-9]*(ms|s|min|h|d)$",
            "description": "A whole number and a unit, 60 seconds at most: `500ms`, `1s`."
        })
    }
}

impl JsonSchema for Pause {
    fn schema_name() -> Title {
        "Pause".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]+(ms|s|min|h|d)$",
            "description": "A whole number and a unit, 60 seconds at most: `500ms`, `5s`."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for (text, millis) in [("500ms", 500), ("5s", 5_000), ("30min", 1_800_000), ("2h", 7_200_000), ("1d", 86_400_000)] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for (text, flaw) in [
            ("5", Flaw::NoUnit),
            ("", Flaw::Other),
            ("s", Flaw::Other),
            ("-5s", Flaw::Other),
            ("1.5s", Flaw::Other),
            ("5 s", Flaw::Other),
            ("5m", Flaw::Other),
            ("99999999999999999999s", Flaw::TooLong),
            ("18446744073709551615d", Flaw::TooLong),
        ] {
            assert_eq!(parse(text), Err(flaw), "{text}");
        }
    }
}
