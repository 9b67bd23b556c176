//! A new column that no old row can have.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Default, TableAction};

/// A new column that no old row can have.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-column-required",
    title: "a new column that no old row can have",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A column NOT NULL without a default is added to a table in use.",
    effect: "It works where the table is empty, and fails where it has rows, that is, in production.",
    remedy: "Give it a default, which rewrites nothing; or add it without NOT NULL, fill it in batches, and set NOT NULL afterwards.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text NOT NULL")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text NOT NULL DEFAULT 'eu'")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddColumn(column) if column.not_null && column.default == Default::None && !column.has_own_value() => {
            Some(format!("`{}` may not be NULL, and the rows that {table} has get no value for it", column.name))
        }
        _ => None,
    }
}
