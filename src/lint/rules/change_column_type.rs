//! A column that changes its type.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A column that changes its type.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "change-column-type",
    title: "a column that changes its type",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "The type of a column of a table in use is changed.",
    effect: "Unless the server knows that both types have the same form, as it does of varchar(20) and varchar(40), \
        it writes the whole table and its indexes anew while nobody else may even read it.",
    remedy: "Add a column of the new type, fill it in batches, and switch over; or make an exception with the table's \
        size as the reason.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ALTER COLUMN customer_id TYPE text USING customer_id::text")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN customer_key text")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::SetType { column, data_type, .. } => Some(format!(
            "`{column}` becomes {data_type}: the server writes {table} anew unless both types have the same form"
        )),
        _ => None,
    }
}
