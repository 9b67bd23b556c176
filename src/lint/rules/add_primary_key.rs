//! A PRIMARY KEY constraint that builds its index while everybody waits.

use super::super::{
    example::{Example, outside, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, TableAction};

/// A PRIMARY KEY constraint that builds its index while everybody waits.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "add-primary-key",
    title: "a PRIMARY KEY constraint that builds its index while everybody waits",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A PRIMARY KEY constraint is added to a table in use without USING INDEX.",
    effect: "The server builds its index while nobody else may even read the table.",
    remedy: "Build the index with CREATE UNIQUE INDEX CONCURRENTLY in a step before, and add the constraint with \
        PRIMARY KEY USING INDEX. Its columns must be NOT NULL already: where they are not, the server reads \
        the whole table all the same.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("events_2025").scanned()),
    bad: Example::Steps(&[sql("ALTER TABLE public.events_2025 ADD CONSTRAINT events_2025_pkey PRIMARY KEY (id)")]),
    good: Example::Steps(&[
        outside("CREATE UNIQUE INDEX CONCURRENTLY events_2025_pkey ON public.events_2025 (id)"),
        sql("ALTER TABLE public.events_2025 ADD CONSTRAINT events_2025_pkey PRIMARY KEY USING INDEX events_2025_pkey"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    const KIND: ConstraintKind = ConstraintKind::PrimaryKey { using_index: false };
    let (table, action) = done.altered()?;
    let adds = match action {
        TableAction::AddConstraint(constraint) => constraint.kind == KIND,
        TableAction::AddColumn(column) => column.constraints.contains(&KIND),
        _ => false,
    };
    adds.then(|| format!("the index is built while nobody else may read {table}"))
}
