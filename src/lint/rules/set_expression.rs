//! A stored column that is computed in another way.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A stored column that is computed in another way.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-expression",
    title: "a stored column that is computed in another way",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "SET EXPRESSION of a stored column of a table in use (PostgreSQL 17 and later).",
    effect: "The server computes it anew for every row and writes the whole table while nobody else may even read it.",
    remedy: "Add a plain column, let a trigger fill it for new rows, fill the old ones in batches, and switch over.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("pages").rewritten()),
    bad: Example::Steps(&[
        sql("ALTER TABLE public.pages ALTER COLUMN length SET EXPRESSION AS (char_length(body) + 1)").since(17)
    ]),
    good: Example::Steps(&[sql("ALTER TABLE public.pages ADD COLUMN length_too bigint")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::SetExpression { column } => {
            Some(format!("`{column}` is computed anew for every row: {table} is written anew if it is stored there"))
        }
        _ => None,
    }
}
