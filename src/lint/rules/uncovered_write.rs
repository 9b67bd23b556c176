//! Rows that are changed without a copy.

use super::super::{
    example::{Example, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, TableAction};

/// Rows that are changed without a copy.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "uncovered-write",
    title: "rows that are changed without a copy",
    group: Group::Loss,
    level: RuleLevel::Warning,
    condition: "Rows of a table are written, or a column's values are converted, and no backup target covers the table.",
    effect: "A restore leaves what was written there: the way back is not whole.",
    remedy: "Add the table to `backup.targets`, or say under `backup.allow_uncovered` that it may keep what was \
        written.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[with("expect_rows: {at_least: 0}", "DELETE FROM public.archive WHERE id < 100")]),
    good: Example::Steps(&[with("expect_rows: {at_least: 0}", "DELETE FROM public.orders WHERE id < 100")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Write { table, .. } if done.is_lost(table) => {
            Some(format!("{table} is written to, and no backup target covers it"))
        }
        OperationKind::AlterTable { table, action: TableAction::SetType { column, .. } } if done.is_lost(table) => {
            Some(format!("`{column}` is converted, and no backup target covers {table}"))
        }
        _ => None,
    }
}
