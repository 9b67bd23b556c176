//! Several tables locked in one transaction.

use super::super::{
    example::{Example, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::{
    QualifiedName,
    facts::{DroppedKind, OperationKind},
};

/// Several tables locked in one transaction.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "many-tables-locked",
    title: "several tables locked in one transaction",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "One transaction takes locks on three or more tables in use that readers or writers wait for.",
    effect: "The first table stays locked while the statement waits for the last one; programs that lock them in \
        another order meet it in a deadlock.",
    remedy: "Give each table a step of its own; make an exception where they can only change together.",
    manual: Some("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text;\n\
            ALTER TABLE public.customers ADD COLUMN region text;\n\
            ALTER TABLE public.events ADD COLUMN region text")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.orders ADD COLUMN region text"),
        sql("ALTER TABLE public.customers ADD COLUMN region text"),
        sql("ALTER TABLE public.events ADD COLUMN region text"),
    ]),
    find: Find::Step(find),
};

/// So many tables at once are worth a thought.
const TABLES_MIN: usize = 3;

fn find(subject: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let mut tables: Vec<QualifiedName> = Vec::new();
    let mut last = None;
    for (nth, operation) in step.operations().filter(|(_, operation)| operation.lock.makes_others_wait()) {
        for table in locked(&operation.action) {
            let whole = subject.names.whole(table);
            if !subject.is_new(table, step.index, nth) && !tables.contains(&whole) {
                tables.push(whole);
                last = Some(&operation.at);
            }
        }
    }
    if let Some(at) = last.filter(|_| tables.len() >= TABLES_MIN) {
        let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
        said.in_sql(step.index, at, format!("{} tables are locked until the step ends: {}", tables.len(), names.join(", ")));
    }
}

fn locked(action: &OperationKind) -> Vec<&QualifiedName> {
    match action {
        OperationKind::AlterTable { table, .. }
        | OperationKind::CreateIndex { table, .. }
        | OperationKind::CreateTrigger { table }
        | OperationKind::Cluster { table: Some(table) } => vec![table],
        OperationKind::Drop { what: DroppedKind::Table, names, .. } => names.iter().collect(),
        OperationKind::Truncate { tables, .. } | OperationKind::LockTable { tables } => tables.iter().collect(),
        _ => Vec::new(),
    }
}
