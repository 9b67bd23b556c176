//! A strong lock that is tried for once.

use super::super::{
    example::{Example, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// A strong lock that is tried for once.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "no-retry",
    title: "a strong lock that is tried for once",
    group: Group::Halfway,
    level: RuleLevel::Note,
    condition: "A step that takes a lock which readers or writers wait for has one attempt.",
    effect: "One long query at the wrong moment fails the whole run, and what was done is taken back.",
    remedy: "Leave `retry` as it is by default, or give it more attempts.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[with("retry: {attempts: 1}", "ALTER TABLE public.orders ADD COLUMN region text")]),
    good: Example::Steps(&[with("retry: {attempts: 10}", "ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Step(find),
};

fn find(subject: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let strong = step
        .operations()
        .find(|(nth, operation)| operation.lock.makes_others_wait() && subject.is_lock_on_used(operation, step.index, *nth));
    if let (Some((_, operation)), 1) = (strong, step.step.retry.attempts) {
        said.in_sql(step.index, &operation.at, "one busy moment fails the run: the step has one attempt");
    }
}
