//! A table that moves to another tablespace.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A table that moves to another tablespace.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-tablespace",
    title: "a table that moves to another tablespace",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "SET TABLESPACE of a table in use.",
    effect: "The server copies the whole table while nobody else may even read it.",
    remedy: "Make a new table there and move the rows in batches; indexes can be moved with REINDEX (CONCURRENTLY, \
        TABLESPACE …), PostgreSQL 14 and later.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders SET TABLESPACE fast")]),
    good: Example::Steps(&[sql("CREATE TABLE public.new_orders (LIKE public.orders) TABLESPACE fast")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::SetTablespace => Some(format!("{table} is copied while nobody else may read it")),
        _ => None,
    }
}
