//! Answers of checks.

use super::{
    style::{Style, Tone, indented, one_line, printable},
    table::{Align, table},
    units::so_many,
};
use crate::{
    machine::{CheckOutcome, CheckResult, RowSample},
    plan::SAMPLE_ROWS_MAX,
};

/// Checks, a line each; what does not hold with its rows and its advice.
pub fn checks(results: &[CheckResult], style: Style) -> String {
    let widest = results.iter().map(|result| result.id.chars().count()).max().unwrap_or(0);
    results.iter().map(|result| check(result, widest, style)).collect()
}

fn check(result: &CheckResult, widest: usize, style: Style) -> String {
    let mark = match result.outcome {
        CheckOutcome::Pass => style.good(),
        CheckOutcome::Warn => style.careful(),
        CheckOutcome::Fail | CheckOutcome::Error => style.bad(),
    };
    let space = " ".repeat(widest.saturating_sub(result.id.chars().count()));
    let message = match result.outcome {
        CheckOutcome::Error => format!("could not be evaluated: {}", one_line(&result.message)),
        CheckOutcome::Pass | CheckOutcome::Warn | CheckOutcome::Fail => one_line(&result.message),
    };
    let mut out = format!("{mark} {}{space}  {message}", result.id).trim_end().to_owned() + "\n";
    if result.outcome == CheckOutcome::Pass {
        return out;
    }
    if let Some(sample) = result.sample.as_ref().filter(|sample| !sample.rows.is_empty()) {
        out += &indented(&rows(sample, style), 4);
    }
    if let Some(hint) = &result.hint {
        out += &format!("    {} {}\n", style.paint(Tone::Strong, "help:"), printable(hint));
    }
    out
}

fn rows(sample: &RowSample, style: Style) -> String {
    let head: Vec<(&str, Align)> = sample.columns.iter().map(|name| (name.as_str(), Align::Left)).collect();
    let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".to_owned());
    let shown: Vec<Vec<String>> =
        sample.rows.iter().take(SAMPLE_ROWS_MAX).map(|row| row.iter().map(cell).collect()).collect();
    let mut out = table(&head, &shown, style);
    if sample.more || sample.rows.len() > SAMPLE_ROWS_MAX {
        out += &(style.paint(Tone::Quiet, "… and more") + "\n");
    }
    out
}

/// How many checks held, in words.
pub(super) fn tally(results: &[CheckResult]) -> String {
    let of = |outcome| results.iter().filter(|result| result.outcome == outcome).count() as u64;
    let parts = [
        (of(CheckOutcome::Pass), "passed"),
        (of(CheckOutcome::Warn), "warned"),
        (of(CheckOutcome::Fail), "failed"),
        (of(CheckOutcome::Error), "could not be evaluated"),
    ];
    let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() { so_many(0, "check") } else { said.join(", ") }
}
