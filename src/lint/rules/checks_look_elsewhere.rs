//! Checks that look at nothing that is changed.

use super::super::subject::CheckFacts;
use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::{
    checks,
    plan::{FieldValue, Phase, RuleLevel},
    sql::{
        QualifiedName,
        facts::{DroppedKind, OperationKind},
    },
};

/// Checks that look at nothing that is changed.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "checks-look-elsewhere",
    title: "checks that look at nothing that is changed",
    group: Group::Plans,
    level: RuleLevel::Note,
    condition: "No check under `after` or `unchanged` names a table that a step changes.",
    effect: "They hold before the plan as well as after it, whatever its steps have done.",
    remedy: "Add a check that looks at what the steps change.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.customers, at_least: 1}}]}\n\
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
    let changed: Vec<QualifiedName> = subject
        .operations()
        .filter_map(|(_, _, operation)| changed(&operation.action))
        .map(|name| subject.names.whole(name))
        .collect();
    let after: Vec<&CheckFacts<'_>> = subject.checks.iter().filter(|check| check.phase != Phase::Before).collect();
    if changed.is_empty() || after.is_empty() || !subject.is_all_known() {
        return;
    }
    let looks = |check: &&CheckFacts<'_>| match names(check) {
        // What a function or a view looks at isn't known, nor what a glob will mean.
        None => true,
        Some(names) => names.iter().any(|name| changed.contains(&subject.names.whole(name))),
    };
    if !after.iter().any(looks) {
        said.at(subject.face(), "no check looks at a table that a step changes");
    }
}

fn changed(action: &OperationKind) -> Option<&QualifiedName> {
    match action {
        OperationKind::AlterTable { table, .. }
        | OperationKind::Write { table, .. }
        | OperationKind::CreateTable { table, .. }
        | OperationKind::CreateIndex { table, .. } => Some(table),
        OperationKind::Truncate { tables, .. } => tables.first(),
        OperationKind::Policy(policy) => Some(&policy.table),
        OperationKind::Drop { what: DroppedKind::Table, names, .. } => names.first(),
        _ => None,
    }
}

/// The tables that a check names; none where it may look at others.
fn names(check: &CheckFacts<'_>) -> Option<Vec<QualifiedName>> {
    let kind = &check.check.kind;
    if !checks::find(kind.name)?.is_of_its_tables {
        return None;
    }
    let tables =
        kind.fields.iter().filter_map(|(_, value)| if let FieldValue::Tables(tables) = value { Some(tables) } else { None });
    tables.flatten().map(|table| QualifiedName::parse(table.shown()).ok()).collect()
}
