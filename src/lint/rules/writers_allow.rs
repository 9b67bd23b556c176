//! Writes that a restore would lose.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::{RuleLevel, Writers};

/// Writes that a restore would lose.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "writers-allow",
    title: "writes that a restore would lose",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "`backup.writers` is `allow`.",
    effect: "Writes of the application during the run go through, and a restore overwrites them without a word.",
    remedy: "Use `block`, `detect` or `capture`.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {writers: allow, targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {writers: capture, targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    if let (Writers::Allow, Some(target)) = (subject.plan.backup.writers, subject.plan.backup.targets.first()) {
        said.at(target.at, "a restore overwrites what the application writes during the run");
    }
}
