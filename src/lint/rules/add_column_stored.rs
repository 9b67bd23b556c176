//! A new column that is computed and stored.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A new column that is computed and stored.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-column-stored",
    title: "a new column that is computed and stored",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A column GENERATED … STORED is added to a table in use.",
    effect: "The server computes it for every row and writes the whole table anew while nobody else may even read it.",
    remedy: "Compute it in a view, or add a plain column, let a trigger fill it for new rows, and fill the old ones \
        in batches.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql(
        "ALTER TABLE public.orders ADD COLUMN cents bigint GENERATED ALWAYS AS ((total * 100)::bigint) STORED",
    )]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN cents bigint")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddColumn(column) if column.stored => {
            Some(format!("`{}` is computed for every row of {table}: the table is written anew", column.name))
        }
        _ => None,
    }
}
