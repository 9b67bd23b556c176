//! A new column whose default differs from row to row.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Default, TableAction};

/// A new column whose default differs from row to row.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-column-volatile-default",
    title: "a new column whose default differs from row to row",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A column is added to a table in use, with a default that a volatile function makes.",
    effect: "Each row gets a value of its own, so the server writes the whole table and its indexes anew while nobody \
        else may even read it.",
    remedy: "Add the column without a default, set the default for new rows, and fill the old ones in batches.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").rewritten()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN token uuid DEFAULT gen_random_uuid()")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD COLUMN token uuid"),
        sql("ALTER TABLE public.orders ALTER COLUMN token SET DEFAULT gen_random_uuid()"),
        with(
            "batch: {table: public.orders, key: id, max_lag: 10s}",
            "UPDATE public.orders SET token = gen_random_uuid() WHERE id BETWEEN {{ batch.first }} AND {{ batch.last \
            }}",
        ),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddColumn(column) => match &column.default {
            Default::Volatile(function) => {
                Some(format!("`{function}` gives each row of {table} a value of its own: the table is written anew"))
            }
            _ => None,
        },
        _ => None,
    }
}
