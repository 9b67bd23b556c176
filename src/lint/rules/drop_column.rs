//! A column that is dropped without a copy.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A column that is dropped without a copy.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "drop-column",
    title: "a column that is dropped without a copy",
    group: Group::Loss,
    level: RuleLevel::Error,
    condition: "A column of a table is dropped, and no backup target covers the table.",
    effect: "Its values are gone when the step has committed: no restore brings them back.",
    remedy: "Add the table to `backup.targets`; where the column's values are worth nothing, say so under \
        `backup.allow_uncovered`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("archive")),
    bad: Example::Steps(&[sql("ALTER TABLE public.archive DROP COLUMN note")]),
    good: Example::Steps(&[sql("ALTER TABLE public.events DROP COLUMN what")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.altered()? {
        (table, TableAction::DropColumn { column, .. }) if done.is_lost(table) => {
            Some(format!("`{column}` is dropped, and no backup target covers {table}"))
        }
        _ => None,
    }
}
