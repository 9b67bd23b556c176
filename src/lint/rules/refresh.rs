//! A materialized view that is refreshed while readers wait.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A materialized view that is refreshed while readers wait.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "refresh",
    title: "a materialized view that is refreshed while readers wait",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "REFRESH MATERIALIZED VIEW without CONCURRENTLY.",
    effect: "Nobody may read the view until its query has ended.",
    remedy: "Use REFRESH MATERIALIZED VIEW CONCURRENTLY; the view needs a unique index over all its rows.",
    manual: Some("https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html"),
    claim: Some(TableClaim::everybody("totals").rewritten()),
    bad: Example::Steps(&[sql("REFRESH MATERIALIZED VIEW public.totals")]),
    good: Example::Steps(&[sql("REFRESH MATERIALIZED VIEW CONCURRENTLY public.totals")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Refresh { view, concurrently: false } if done.is_used(view) => {
            Some(format!("nobody may read {view} until its query has ended"))
        }
        _ => None,
    }
}
