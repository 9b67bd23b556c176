//! A table that changes between logged and unlogged.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A table that changes between logged and unlogged.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-logged",
    title: "a table that changes between logged and unlogged",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "SET LOGGED or SET UNLOGGED of a table in use.",
    effect: "The server writes the whole table anew while nobody else may even read it. What is unlogged is empty \
        after a crash, and on no replica.",
    remedy: "Make a new table of the other kind and move the rows in batches.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders SET UNLOGGED")]),
    good: Example::Steps(&[sql("CREATE UNLOGGED TABLE public.order_drafts (id bigint PRIMARY KEY)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::SetLogged { logged } => {
            let what = if *logged { "logged" } else { "unlogged, so that a crash empties it" };
            Some(format!("{table} is written anew to become {what}"))
        }
        _ => None,
    }
}
