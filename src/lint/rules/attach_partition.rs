//! A partition that has to prove its rows when it is attached.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{ConstraintKind, Operation, OperationKind, TableAction};

/// A partition that has to prove its rows when it is attached.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "attach-partition",
    title: "a partition that has to prove its rows when it is attached",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "ATTACH PARTITION of a table without a CHECK constraint that the plan has added and validated before.",
    effect: "The server reads the whole partition while nobody else may even read it.",
    remedy: "Add a CHECK NOT VALID with the partition's bounds and NOT NULL to it, validate it in the next step, \
        attach it, and drop the check.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"),
    claim: Some(TableClaim::everybody("events_2025").scanned()),
    bad: Example::Steps(&[sql(
        "ALTER TABLE public.events ATTACH PARTITION public.events_2025 FOR VALUES FROM ('2025-01-01') TO \
            ('2026-01-01')",
    )]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.events_2025 ADD CONSTRAINT in_2025\n\
            \x20 CHECK (at IS NOT NULL AND at >= '2025-01-01' AND at < '2026-01-01') NOT VALID"),
        sql("ALTER TABLE public.events_2025 VALIDATE CONSTRAINT in_2025"),
        sql("ALTER TABLE public.events ATTACH PARTITION public.events_2025 FOR VALUES FROM ('2025-01-01') TO \
            ('2026-01-01')"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::AlterTable { action: TableAction::Attach { partition }, .. } = done.action() else { return None };
    let proves = |operation: &Operation| match &operation.action {
        OperationKind::AlterTable { table, action } if done.subject.names.same(table, partition) => match action {
            TableAction::Validate { .. } => true,
            TableAction::AddConstraint(added) => !added.not_valid && matches!(added.kind, ConstraintKind::Check { .. }),
            _ => false,
        },
        _ => false,
    };
    (done.is_used(partition) && !done.before().any(proves))
        .then(|| format!("every row of {partition} is looked at while nobody else may read it"))
}
