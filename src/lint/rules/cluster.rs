//! CLUSTER.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// CLUSTER.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "cluster",
    title: "CLUSTER",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "CLUSTER of a table in use.",
    effect: "The server writes the whole table anew, in the order of an index, while nobody else may even read it.",
    remedy: "Make an index that holds what the queries need (INCLUDE), or make an exception for a window without \
        users.",
    manual: Some("https://www.postgresql.org/docs/current/sql-cluster.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("CLUSTER public.orders USING orders_status_idx")]),
    good: Example::Steps(&[outside(
        "CREATE INDEX CONCURRENTLY orders_status_total_idx ON public.orders (status) INCLUDE (total)",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Cluster { table: Some(table) } if done.is_used(table) => {
            Some(format!("{table} is written anew while nobody else may read it"))
        }
        OperationKind::Cluster { table: None } => {
            Some("every clustered table is written anew while nobody else may read it".to_owned())
        }
        _ => None,
    }
}
