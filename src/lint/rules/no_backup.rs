//! A plan without a backup.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::{OnFailure, RuleLevel};
use crate::sql::facts::{DroppedKind, OperationKind};

/// A plan without a backup.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "no-backup",
    title: "a plan without a backup",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "Steps change tables that were there before, and the plan has no backup targets, nor one transaction for \
        everything, nor an undo for each step.",
    effect: "When a step fails, what earlier steps have committed stays.",
    remedy: "Add the tables to `backup.targets`, or use `transaction: plan`, or `on_failure: undo`.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    let has_way_back = !subject.plan.backup.targets.is_empty()
        || subject.is_one_transaction()
        || subject.plan.rollback.on_failure == OnFailure::Undo;
    let changes = subject.operations().any(|(step, nth, operation)| match &operation.action {
        OperationKind::AlterTable { table, .. } | OperationKind::Write { table, .. } => {
            !subject.is_new(table, step, nth) && !subject.is_left_uncovered(table)
        }
        OperationKind::Truncate { tables, .. } => tables.iter().any(|table| !subject.is_left_uncovered(table)),
        OperationKind::Drop { what: DroppedKind::Table, names, .. } => {
            names.iter().any(|table| !subject.is_new(table, step, nth))
        }
        _ => false,
    });
    if changes && !has_way_back {
        said.at(subject.face(), "tables are changed, and nothing of them is copied before");
    }
}
