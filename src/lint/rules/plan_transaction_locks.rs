//! Locks that are held by all that comes after.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// Locks that are held by all that comes after.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "plan-transaction-locks",
    title: "locks that are held by all that comes after",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "A plan of one transaction takes a lock that readers or writers wait for, and goes on with further steps.",
    effect: "The lock is held until the last step and the last check have ended.",
    remedy: "Use a transaction for each step, or move what locks strongly to the end.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        transaction: plan\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        \x20 - {id: look, sql: ANALYZE public.customers}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        \x20 - {id: look, sql: ANALYZE public.customers}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    if !subject.is_one_transaction() {
        return;
    }
    let strong = subject.operations().find(|(step, nth, operation)| {
        operation.lock.makes_others_wait() && subject.is_lock_on_used(operation, *step, *nth)
    });
    if let Some((step, _, operation)) = strong.filter(|(step, _, _)| step + 1 < subject.steps.len()) {
        let message = format!("the lock is held through {} further steps", subject.steps.len() - step - 1);
        said.in_sql(step, &operation.at, message);
    }
}
