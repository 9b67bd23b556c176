//! What steps wrote to without a copy of it.

use super::style::{Style, one_line};

/// Tables that were written to and not brought back, a line each.
pub(super) fn uncovered(tables: &[String], style: Style) -> String {
    tables.iter().map(|table| format!("{} {}\n", style.careful(), kept(table))).collect()
}

/// A table that was written to and not brought back.
pub(super) fn kept(table: &str) -> String {
    format!("{} was written to without a copy, as allow_uncovered allows, and keeps what was written", one_line(table))
}
