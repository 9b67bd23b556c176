//! A table that is dropped without a copy.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{DroppedKind, OperationKind};

/// A table that is dropped without a copy.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "drop-table",
    title: "a table that is dropped without a copy",
    group: Group::Loss,
    level: RuleLevel::Error,
    condition: "A table or materialized view that was there before the plan is dropped, and no backup target covers it.",
    effect: "Its rows are gone when the step has committed: no restore brings them back.",
    remedy: "Add the table to `backup.targets`; where its rows are worth nothing, say so under \
        `backup.allow_uncovered`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-droptable.html"),
    claim: Some(TableClaim::everybody("archive")),
    bad: Example::Steps(&[sql("DROP TABLE public.archive")]),
    good: Example::Steps(&[sql("DROP TABLE public.events")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::Drop { what: DroppedKind::Table | DroppedKind::MaterializedView, names, .. } = done.action() else {
        return None;
    };
    let lost = names.iter().find(|name| done.is_lost(name))?;
    Some(format!("{lost} is dropped, and no backup target covers it"))
}
