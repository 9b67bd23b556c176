//! A UNIQUE constraint that builds its index while everybody waits.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, TableAction};

/// A UNIQUE constraint that builds its index while everybody waits.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-unique",
    title: "a UNIQUE constraint that builds its index while everybody waits",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A UNIQUE constraint is added to a table in use without USING INDEX.",
    effect: "The server builds its index while nobody else may even read the table.",
    remedy: "Build the index with CREATE UNIQUE INDEX CONCURRENTLY in a step before, and add the constraint with \
        UNIQUE USING INDEX.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders").scanned()),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD CONSTRAINT orders_code_key UNIQUE (code)")]),
    good: Example::Steps(&[
        outside("CREATE UNIQUE INDEX CONCURRENTLY orders_code_key ON public.orders (code)"),
        sql("ALTER TABLE public.orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    const KIND: ConstraintKind = ConstraintKind::Unique { using_index: false };
    let (table, action) = done.altered()?;
    let adds = match action {
        TableAction::AddConstraint(constraint) => constraint.kind == KIND,
        TableAction::AddColumn(column) => column.constraints.contains(&KIND),
        _ => false,
    };
    adds.then(|| format!("the index is built while nobody else may read {table}"))
}
