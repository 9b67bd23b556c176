//! A plan that nobody checks.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::{Phase, RuleLevel};

/// A plan that nobody checks.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "no-after-check",
    title: "a plan that nobody checks",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "The plan has no check under `after` or `unchanged`.",
    effect: "It succeeds when its statements run, whatever they have done: nothing leads to the way back.",
    remedy: "Add a check for what the plan is for, and one for what must stay as it is.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
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
    if !subject.checks.iter().any(|check| check.phase != Phase::Before) {
        said.at(subject.face(), "nothing is checked after the last step");
    }
}
