//! An exception that nothing needs.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// An exception that nothing needs.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "idle-exception",
    title: "an exception that nothing needs",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "The plan makes an exception of a rule that finds nothing there.",
    effect: "It hides the next finding of the rule, which nobody has given a reason for.",
    remedy: "Take the exception away.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        lint: {allow: [{rule: cluster, reason: the table is small}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        lint: {allow: [{rule: cluster, reason: the table is small}]}\n\
        steps:\n\
        \x20 - {id: sort, sql: CLUSTER public.orders USING orders_status_idx}\n\
        ",
    ),
    find: Find::Plan(find),
};

/// It is found where exceptions are made.
fn find(_: &LintSubject<'_>, _: &mut Said) {}
