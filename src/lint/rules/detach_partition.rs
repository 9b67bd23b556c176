//! A partition that is detached while everybody waits.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A partition that is detached while everybody waits.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "detach-partition",
    title: "a partition that is detached while everybody waits",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "DETACH PARTITION without CONCURRENTLY.",
    effect: "The partitioned table and all its readers and writers wait for the lock.",
    remedy: "Use DETACH PARTITION … CONCURRENTLY (PostgreSQL 14 and later) in a step of its own with `transaction: \
        none`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("events")),
    bad: Example::Steps(&[sql("ALTER TABLE public.events DETACH PARTITION public.events_2024")]),
    good: Example::Steps(&[outside("ALTER TABLE public.events DETACH PARTITION public.events_2024 CONCURRENTLY").since(14)]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::Detach { partition, concurrently: false } => {
            Some(format!("everybody who uses {table} waits until {partition} is detached"))
        }
        _ => None,
    }
}
