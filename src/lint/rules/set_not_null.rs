//! NOT NULL that has to look at every row.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::{
    QualifiedName,
    facts::{ConstraintKind, Operation, OperationKind, TableAction},
};

/// NOT NULL that has to look at every row.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "set-not-null",
    title: "NOT NULL that has to look at every row",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A column of a table in use is set NOT NULL without a validated CHECK that says the same already.",
    effect: "The server reads the whole table while nobody else may even read it.",
    remedy: "Add `CHECK (column IS NOT NULL) NOT VALID`, validate it in the next step, then set NOT NULL, which needs \
        no look any more, and drop the check. PostgreSQL 18 also takes ADD CONSTRAINT … NOT NULL … NOT VALID.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ALTER COLUMN status SET NOT NULL")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD CONSTRAINT orders_status_given CHECK (status IS NOT NULL) NOT VALID"),
        sql("ALTER TABLE public.orders VALIDATE CONSTRAINT orders_status_given"),
        sql("ALTER TABLE public.orders ALTER COLUMN status SET NOT NULL, DROP CONSTRAINT orders_status_given"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    let column = match action {
        TableAction::SetNotNull { column } => column,
        TableAction::AddConstraint(constraint) if !constraint.not_valid => match &constraint.kind {
            ConstraintKind::NotNull { column } => column,
            _ => return None,
        },
        _ => return None,
    };
    (!is_known(done, table, column)).then(|| format!("every row of {table} is looked at for a `{column}` that is NULL"))
}

/// Whether the plan has proven it before.
fn is_known(done: &OperationContext<'_>, table: &QualifiedName, column: &str) -> bool {
    let actions = |operation: &'_ Operation| match &operation.action {
        OperationKind::AlterTable { table: other, action } if done.subject.names.same(table, other) => Some(action.clone()),
        _ => None,
    };
    let before: Vec<TableAction> = done.before().filter_map(actions).collect();
    let is_validated = |name: &Option<String>| {
        before
            .iter()
            .any(|action| matches!(action, TableAction::Validate { constraint } if Some(constraint) == name.as_ref()))
    };
    before.iter().any(|action| match action {
        TableAction::AddConstraint(constraint) => {
            let says_it = match &constraint.kind {
                ConstraintKind::Check { not_null: Some(other) } | ConstraintKind::NotNull { column: other } => {
                    other == column
                }
                _ => false,
            };
            says_it && (!constraint.not_valid || is_validated(&constraint.name))
        }
        _ => false,
    })
}
