//! A plan → all findings.

use std::collections::BTreeMap;

use super::{
    exceptions::{self, Exceptions, UnknownRule},
    finding::Finding,
    levels,
    location::{At, Said, StepPart},
    operation_context::OperationContext,
    rule::{Find, Rule},
    rules::RULES,
    subject::LintSubject,
};
use crate::{
    plan::{LintSettings, Plan, RuleLevel, Written},
    render::ResolvedPlan,
    sql::facts::When,
};

/// Everything that is found in a plan, in the order of its steps; what the plan makes an exception of says so. `files` are the
/// texts of the files that it names.
///
/// # Errors
/// Every rule that the plan's exceptions name and that there is not.
pub fn lint(
    written: &Plan<Written>,
    resolved: &ResolvedPlan,
    files: &BTreeMap<String, String>,
    settings: &LintSettings,
) -> Result<Vec<Finding>, Vec<UnknownRule>> {
    let mut exceptions = Exceptions::of(written)?;
    let subject = LintSubject::of(written, resolved, files);
    let mut findings = Vec::new();
    for rule in RULES {
        let level = levels::level(rule, settings);
        if level == RuleLevel::Off {
            continue;
        }
        for (at, message) in said(rule, &subject) {
            let step = step_of(&at, &subject);
            let excepted = exceptions.reason(rule, step);
            let step = step.and_then(|step| subject.plan.steps.get(step)).map(|step| step.id.clone());
            findings.push(Finding { rule, level, message, at, step, excepted });
        }
    }
    findings.extend(exceptions::idle(&exceptions, settings));
    findings.sort_by_key(|finding| order(&finding.at, &subject));
    // All that stands in the body of a body has one place, and is told there once.
    findings.dedup_by(|one, other| one.rule.code == other.rule.code && one.at == other.at && one.message == other.message);
    Ok(findings)
}

/// Whether a finding fails the command; what the plan makes an exception of doesn't.
pub(super) fn fails(finding: &Finding, settings: &LintSettings) -> bool {
    finding.excepted.is_none() && levels::fails(finding.level, settings.fail_on)
}

impl Finding {
    /// Whether it fails the command; what the plan makes an exception of doesn't.
    pub fn fails(&self, settings: &LintSettings) -> bool {
        fails(self, settings)
    }
}

fn said(rule: &Rule, subject: &LintSubject<'_>) -> Vec<(At, String)> {
    let mut said = Said::default();
    match rule.find {
        Find::Plan(find) => find(subject, &mut said),
        Find::Step(find) => subject.steps.iter().for_each(|step| find(subject, step, &mut said)),
        Find::Operation(find) => in_deeds(subject, false, find, &mut said),
        Find::Anywhere(find) => in_deeds(subject, true, find, &mut said),
    }
    said.0
}

fn in_deeds(subject: &LintSubject<'_>, routines: bool, find: fn(&OperationContext<'_>) -> Option<String>, said: &mut Said) {
    for step in &subject.steps {
        for (nth, statement) in step.statements.iter().enumerate() {
            for operation in statement.operations.iter().filter(|operation| routines || operation.when != When::InRoutine) {
                if let Some(message) = find(&OperationContext { subject, step, nth, statement, operation }) {
                    said.in_sql(step.index, &operation.at, message);
                }
            }
        }
    }
}

/// The step that a place belongs to.
fn step_of(at: &At, subject: &LintSubject<'_>) -> Option<usize> {
    match at {
        At::Sql { step, .. } => Some(*step),
        At::Plan(place) => subject.plan.steps.iter().position(|step| step.at == *place),
    }
}

/// Findings about the plan first, then those of each step.
fn order(at: &At, subject: &LintSubject<'_>) -> (usize, usize, usize) {
    match at {
        At::Sql { step, part, range } => (step + 1, 1 + usize::from(*part == StepPart::Undo), range.start),
        At::Plan(place) => match step_of(at, subject) {
            Some(step) => (step + 1, 0, 0),
            None => (0, 0, place.start),
        },
    }
}
