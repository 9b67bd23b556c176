//! What a rendered plan names: every word that could be a table, a view, a function.

use std::collections::BTreeSet;

use crate::{
    plan::{Check, FieldValue, Plan, Rendered, Text},
    sql::mentions,
};

/// Names as schema, where one stands there, and name.
pub type RelationNames = BTreeSet<(Option<String>, String)>;

/// All names that the plan's SQL, checks and targets mention; more than it uses, never less, patterns aside.
pub fn names(plan: &Plan<Rendered>) -> RelationNames {
    let mut found = RelationNames::new();
    let mut take = |text: &Text| found.extend(mentions(text.shown()));
    plan.backup.targets.iter().flat_map(|target| &target.tables).for_each(&mut take);
    plan.backup.allow_uncovered.iter().for_each(&mut take);
    for step in &plan.steps {
        take(&step.sql);
        step.undo.iter().for_each(&mut take);
        step.probe.iter().for_each(&mut take);
        step.batch.iter().for_each(|batch| take(&batch.table));
    }
    let checks = [&plan.checks.before, &plan.checks.unchanged, &plan.checks.after];
    checks.into_iter().flatten().for_each(|check| of_check(check, &mut take));
    found
}

fn of_check(check: &Check<Rendered>, take: &mut impl FnMut(&Text)) {
    for (_, value) in &check.kind.fields {
        match value {
            FieldValue::Tables(texts) | FieldValue::Objects(texts) => texts.iter().for_each(&mut *take),
            FieldValue::Table(text) | FieldValue::Query(text) => take(text),
            FieldValue::Absent
            | FieldValue::Texts(_)
            | FieldValue::Text(_)
            | FieldValue::Word(_)
            | FieldValue::Flag(_)
            | FieldValue::Count(_)
            | FieldValue::Bounds(_)
            | FieldValue::Pattern(_)
            | FieldValue::Expect(_) => {}
        }
    }
}
