//! An index that is dropped while everybody waits.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::{
    QualifiedName,
    facts::{DroppedKind, OperationKind},
};

/// An index that is dropped while everybody waits.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "drop-index",
    title: "an index that is dropped while everybody waits",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "An index is dropped without CONCURRENTLY.",
    effect: "Its table is locked for readers and writers from the moment that the statement waits for its lock until \
        the step ends.",
    remedy: "Use DROP INDEX CONCURRENTLY in a step of its own with `transaction: none`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-dropindex.html"),
    claim: Some(TableClaim::everybody("orders")),
    bad: Example::Steps(&[sql("DROP INDEX public.orders_status_idx")]),
    good: Example::Steps(&[outside("DROP INDEX CONCURRENTLY public.orders_status_idx")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::Drop { what: DroppedKind::Index, names, concurrently: false, .. } = done.action() else {
        return None;
    };
    let made = |name: &QualifiedName| {
        done.before().any(|operation| match &operation.action {
            OperationKind::CreateIndex { index: Some(index), .. } => index.name == name.name,
            _ => false,
        })
    };
    let old = names.iter().find(|name| !made(name))?;
    Some(format!("the table of {old} is locked for everybody"))
}
