//! An exception for every table.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::plan::{List, Text};

/// An exception for every table.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "everything-uncovered",
    title: "an exception for every table",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "`backup.allow_uncovered` holds a pattern that means every table of a schema or of all schemas.",
    effect: "No change is stopped any more for want of a copy, not even those that come later.",
    remedy: "Name the tables whose rows are worth nothing.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}], allow_uncovered: [public.*]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}], allow_uncovered: [public.cache]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    let all = |text: &&Text| matches!(text.shown().trim().rsplit('.').next(), Some("*" | "**"));
    if let Some(pattern) = subject.plan.backup.allow_uncovered.iter().find(all) {
        let at = match &subject.written.backup.allow_uncovered {
            List::Items(items) => items.iter().find(|item| item.source == pattern.shown()).map(|item| item.at),
            List::Whole(template) => Some(template.at),
        };
        said.at(at.unwrap_or(subject.face()), format!("`{pattern}` lets every table change without a copy"));
    }
}
