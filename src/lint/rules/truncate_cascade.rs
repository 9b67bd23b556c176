//! TRUNCATE … CASCADE.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// TRUNCATE … CASCADE.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "truncate-cascade",
    title: "TRUNCATE … CASCADE",
    group: Group::Loss,
    level: RuleLevel::Error,
    condition: "TRUNCATE … CASCADE.",
    effect: "Every table whose foreign keys lead there, directly or by others, is emptied as well, covered by a \
        backup or not.",
    remedy: "Name all tables that are to be emptied, without CASCADE.",
    manual: Some("https://www.postgresql.org/docs/current/sql-truncate.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("TRUNCATE public.orders CASCADE")]),
    good: Example::Steps(&[sql("TRUNCATE public.orders, public.customers")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Truncate { tables, cascade: true } => {
            let table = tables.iter().find(|table| done.is_used(table))?;
            Some(format!("all tables that refer to {table} are emptied, too"))
        }
        _ => None,
    }
}
