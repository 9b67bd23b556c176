//! A new column that counts.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A new column that counts.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-column-counter",
    title: "a new column that counts",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A serial or identity column is added to a table in use.",
    effect: "Every row gets its number at once: the server writes the whole table anew while nobody else may even \
        read it.",
    remedy: "Add a plain column, fill it in batches from a sequence, and make it the identity afterwards; or number \
        the rows in a new table.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN number bigserial")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN number bigint")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddColumn(column) if column.counts => {
            Some(format!("every row of {table} is numbered at once: the table is written anew"))
        }
        _ => None,
    }
}
