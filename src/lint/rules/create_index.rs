//! An index that is built while writers wait.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// An index that is built while writers wait.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "create-index",
    title: "an index that is built while writers wait",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "An index is made on a table in use without CONCURRENTLY.",
    effect: "Nobody may write to the table until the index is built.",
    remedy: "Use CREATE INDEX CONCURRENTLY in a step of its own with `transaction: none`; of a partitioned table \
        index the partitions so, and attach their indexes.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"),
    claim: Some(TableClaim::writers("orders").scanned()),
    bad: Example::Steps(&[sql("CREATE INDEX orders_customer_idx ON public.orders (customer_id)")]),
    good: Example::Steps(&[outside("CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateIndex { table, concurrently: false, .. } if done.is_used(table) => {
            Some(format!("nobody may write to {table} while the index is built"))
        }
        _ => None,
    }
}
