//! An exclusion constraint that builds its index while everybody waits.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, TableAction};

/// An exclusion constraint that builds its index while everybody waits.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-exclusion",
    title: "an exclusion constraint that builds its index while everybody waits",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "An exclusion constraint is added to a table in use.",
    effect: "The server builds its index and compares all rows while nobody else may even read the table; there is no \
        way to do it beside them.",
    remedy: "Make a new table with the constraint and move the rows there, or make an exception with the table's size \
        as the reason.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql(
        "ALTER TABLE public.orders ADD CONSTRAINT orders_code_once EXCLUDE USING btree (code WITH =)",
    )]),
    good: Example::Steps(&[sql("CREATE TABLE public.bookings (code text, EXCLUDE USING btree (code WITH =))")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::AddConstraint(constraint) if constraint.kind == ConstraintKind::Exclude => {
            Some(format!("all rows of {table} are compared while nobody else may read it"))
        }
        _ => None,
    }
}
