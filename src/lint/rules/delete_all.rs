//! DELETE without a condition.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, Write, WrittenRows};

/// DELETE without a condition.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "delete-all",
    title: "DELETE without a condition",
    group: Group::Loss,
    level: RuleLevel::Warning,
    condition: "DELETE without WHERE, or with one that holds for every row, and without `expect_rows`.",
    effect: "All rows go; a forgotten condition looks just the same.",
    remedy: "Write the condition; where all rows are meant, say how many with `expect_rows`, or use TRUNCATE.",
    manual: Some("https://www.postgresql.org/docs/current/sql-delete.html"),
    claim: None,
    bad: Example::Steps(&[sql("DELETE FROM public.orders")]),
    good: Example::Steps(&[with(
        "expect_rows: {at_most: 1000}",
        "DELETE FROM public.orders WHERE created_at < '2020-01-01'",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Write { write: Write::Delete, rows: WrittenRows::All, table, .. }
            if done.is_used(table) && !done.counts_rows() =>
        {
            Some(format!("all rows of {table} are deleted"))
        }
        _ => None,
    }
}
