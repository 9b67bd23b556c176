//! Whole numbers within bounds, and flags.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::load::{
    diagnostics::Diagnostics,
    node::{Meaning, NodeKind, ValueNode},
    shape::{FromNode, Title, wrong_type},
};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Ranged<const MIN: u64, const MAX: u64>(pub(in crate::load) u64);

/// true or false.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Flag(pub(in crate::load) bool);

/// Only true: the field says something by being there.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct True;

impl<const MIN: u64, const MAX: u64> FromNode for Ranged<MIN, MAX> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let NodeKind::Scalar(scalar) = &node.kind else {
            wrong_type(node, "a whole number", diagnostics);
            return None;
        };
        let number = match scalar.meaning {
            Meaning::Integer(number) => u64::try_from(number).ok(),
            // Whole, but beyond 64 bits.
            Meaning::Number(number) if number.abs() >= i64::MAX as f64 && !scalar.text.contains('.') => None,
            _ => {
                wrong_type(node, "a whole number", diagnostics);
                return None;
            }
        };
        match number.filter(|number| (MIN..=MAX).contains(number)) {
            Some(number) => Some(Ranged(number)),
            None => {
                let message = format!("{} is out of range", crate::load::node::shortened(&scalar.text));
                let help = if MAX == i64::MAX as u64 {
                    format!("Write a whole number that is not less than {MIN}.")
                } else {
                    format!("Write a whole number from {MIN} to {MAX}.")
                };
                diagnostics.report("backstop::load::out_of_range", node.at, message, help);
                None
            }
        }
    }
}

impl FromNode for Flag {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(scalar) if matches!(scalar.meaning, Meaning::Flag(_)) => {
                Some(Flag(scalar.meaning == Meaning::Flag(true)))
            }
            _ => {
                wrong_type(node, "`true` or `false`", diagnostics);
                None
            }
        }
    }
}

impl FromNode for True {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Flag(flag) = Flag::read(node, diagnostics)?;
        if !flag {
            let help = "Write `rows: {at_least: 1}` where rows are expected.";
            diagnostics.report("backstop::load::unknown_value", node.at, "`empty: false` doesn't say how many", help);
        }
        flag.then_some(True)
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Ranged<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        format!("From{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

impl JsonSchema for Flag {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "Flag".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean"})
    }
}

impl JsonSchema for True {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "True".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"const": true})
    }
}
