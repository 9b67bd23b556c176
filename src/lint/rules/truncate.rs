//! A table that is emptied without a copy.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A table that is emptied without a copy.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "truncate",
    title: "a table that is emptied without a copy",
    group: Group::Loss,
    level: RuleLevel::Error,
    condition: "A table is truncated, and no backup target covers it.",
    effect: "Its rows are gone when the step has committed: no restore brings them back.",
    remedy: "Add the table to `backup.targets`; where its rows are worth nothing, say so under \
        `backup.allow_uncovered`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-truncate.html"),
    claim: Some(TableClaim::everybody("archive").rewritten()),
    bad: Example::Steps(&[sql("TRUNCATE public.archive")]),
    good: Example::Steps(&[sql("TRUNCATE public.orders")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::Truncate { tables, .. } = done.action() else { return None };
    let lost = tables.iter().find(|table| done.is_lost(table))?;
    Some(format!("{lost} is emptied, and no backup target covers it"))
}
