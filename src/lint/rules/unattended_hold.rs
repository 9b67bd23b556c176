//! A failure that waits for a person.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::{OnFailure, RuleLevel};

/// A failure that waits for a person.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "unattended-hold",
    title: "a failure that waits for a person",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "`rollback.on_failure` is `hold`.",
    effect: "In a pipeline nobody is there: the run stops half-way, and the database stays as the failure left it \
        until somebody comes.",
    remedy: "Use `restore`, or `undo`; or make an exception for a plan that people watch.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        rollback: {on_failure: hold}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        rollback: {on_failure: restore}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    if subject.plan.rollback.on_failure == OnFailure::Hold {
        said.at(subject.face(), "a failure leaves the database half-way until a person comes");
    }
}
