//! VACUUM FULL.

use super::super::{
    example::{Example, outside},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// VACUUM FULL.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "vacuum-full",
    title: "VACUUM FULL",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "VACUUM FULL of a table in use.",
    effect: "The server writes the whole table anew while nobody else may even read it, and needs the room for both.",
    remedy: "Use a plain VACUUM, which makes the room usable again, or make an exception for a window without users.",
    manual: Some("https://www.postgresql.org/docs/current/sql-vacuum.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[outside("VACUUM FULL public.orders")]),
    good: Example::Steps(&[outside("VACUUM (ANALYZE) public.orders")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::VacuumFull { tables } = done.action() else { return None };
    if tables.is_empty() {
        return Some("every table of the database is written anew while nobody else may read it".to_owned());
    }
    let table = tables.iter().find(|table| done.is_used(table))?;
    Some(format!("{table} is written anew while nobody else may read it"))
}
