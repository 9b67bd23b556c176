//! A foreign key that has to look at every row.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, Default, NewColumn, TableAction};

/// A foreign key that has to look at every row.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-foreign-key",
    title: "a foreign key that has to look at every row",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A foreign key is added to a table in use without NOT VALID, or with a new column that has a default.",
    effect: "The server looks up every row while nobody may write to either table.",
    remedy: "Add it NOT VALID, which holds for new rows at once, and validate it in the next step: that lets readers \
        and writers go on.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::writers("orders").scanned()),
    bad: Example::Steps(&[sql(
        "ALTER TABLE public.orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES \
            public.customers (id)",
    )]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES \
            public.customers (id) NOT VALID"),
        sql("ALTER TABLE public.orders VALIDATE CONSTRAINT orders_customer_fkey"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddConstraint(constraint) if !constraint.not_valid => match &constraint.kind {
            ConstraintKind::ForeignKey { to } => {
                Some(format!("every row of {table} is looked up in {to} while nobody may write to either"))
            }
            _ => None,
        },
        // A new column without a default is NULL everywhere, and there is nothing to look up.
        TableAction::AddColumn(NewColumn { default: Default::Constant | Default::Volatile(_), constraints, .. }) => {
            constraints.iter().find_map(|kind| match kind {
                ConstraintKind::ForeignKey { to } => {
                    Some(format!("every row of {table} is looked up in {to} while nobody else may use {table}"))
                }
                _ => None,
            })
        }
        _ => None,
    }
}
