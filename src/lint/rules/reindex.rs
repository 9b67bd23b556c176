//! An index that is rebuilt while writers wait.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// An index that is rebuilt while writers wait.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "reindex",
    title: "an index that is rebuilt while writers wait",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "REINDEX without CONCURRENTLY.",
    effect: "Nobody may write to the table until its indexes are rebuilt, and queries that would use them wait as \
        well.",
    remedy: "Use REINDEX … CONCURRENTLY in a step of its own with `transaction: none`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-reindex.html"),
    claim: Some(TableClaim::writers("orders").scanned()),
    bad: Example::Steps(&[sql("REINDEX TABLE public.orders")]),
    good: Example::Steps(&[outside("REINDEX TABLE CONCURRENTLY public.orders")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Reindex { name: Some(name), concurrently: false } if done.is_used(name) => {
            Some(format!("nobody may write until the indexes of {name} are rebuilt"))
        }
        OperationKind::Reindex { name: None, concurrently: false } => {
            Some("nobody may write to any of the tables until their indexes are rebuilt".to_owned())
        }
        _ => None,
    }
}
