//! UPDATE without a condition.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::{
    LockLevel,
    facts::{OperationKind, Write, WrittenRows},
};

/// UPDATE without a condition.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "update-all",
    title: "UPDATE without a condition",
    group: Group::Loss,
    level: RuleLevel::Warning,
    condition: "UPDATE without WHERE, or with one that holds for every row, and without `expect_rows` or `batch`.",
    effect: "Every row is written in one transaction: it holds all their locks until its end, and leaves a table \
        twice as large. A forgotten condition looks just the same.",
    remedy: "Write the condition; where all rows are meant, use `batch`, or say how many with `expect_rows`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-update.html"),
    claim: Some(TableClaim { lock: LockLevel::Rows, ..TableClaim::everybody("orders").scanned() }),
    bad: Example::Steps(&[sql("UPDATE public.orders SET status = 'new'")]),
    good: Example::Steps(&[with(
        "batch: {table: public.orders, key: id, max_lag: 10s}",
        "UPDATE public.orders SET status = 'new' WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Write { write: Write::Update, rows: WrittenRows::All, table, .. }
            if done.is_used(table) && !done.counts_rows() =>
        {
            Some(format!("every row of {table} is written in one transaction"))
        }
        _ => None,
    }
}
