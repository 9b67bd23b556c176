//! A CHECK that has to look at every row.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, TableAction};

/// A CHECK that has to look at every row.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-check",
    title: "a CHECK that has to look at every row",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A CHECK constraint is added to a table in use without NOT VALID, or with a new column.",
    effect: "The server reads the whole table while nobody else may even read it.",
    remedy: "Add it NOT VALID, which holds for new rows at once, and validate it in the next step: that lets readers \
        and writers go on.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0)")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID"),
        sql("ALTER TABLE public.orders VALIDATE CONSTRAINT orders_total_positive"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddConstraint(constraint)
            if !constraint.not_valid && matches!(constraint.kind, ConstraintKind::Check { .. }) =>
        {
            Some(format!("every row of {table} is looked at while nobody else may read it"))
        }
        TableAction::AddColumn(column)
            if column.constraints.iter().any(|kind| matches!(kind, ConstraintKind::Check { .. })) =>
        {
            Some(format!("every row of {table} is looked at for `{}` while nobody else may read it", column.name))
        }
        _ => None,
    }
}
