//! Checks that all only warn.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::{RuleLevel, Severity};

/// Checks that all only warn.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "checks-only-warn",
    title: "checks that all only warn",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "All checks under `after` have a severity other than fail.",
    effect: "Whatever they find, the run succeeds: nothing leads to the way back.",
    remedy: "Let those fail that say whether the change is right.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}, severity: warn}]}\n\
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
    let after = &subject.plan.checks.after;
    let can_fail = after.iter().any(|check| check.severity == Severity::Fail) || !subject.plan.checks.unchanged.is_empty();
    if let (Some(first), false) = (after.first(), can_fail) {
        said.at(first.at, "no check after the last step can fail the run");
    }
}
