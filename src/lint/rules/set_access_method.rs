//! A table that moves to another access method.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A table that moves to another access method.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-access-method",
    title: "a table that moves to another access method",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "SET ACCESS METHOD of a table in use (PostgreSQL 15 and later).",
    effect: "The server writes the whole table and its indexes anew while nobody else may even read it.",
    remedy: "Make a new table with the access method and move the rows there in batches; of a partitioned table set it for \
        partitions to come.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders SET ACCESS METHOD heap_too").since(15)]),
    good: Example::Steps(&[sql("CREATE TABLE public.new_orders (LIKE public.orders) USING heap_too")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::SetAccessMethod => Some(format!("{table} is written anew while nobody else may read it")),
        _ => None,
    }
}
