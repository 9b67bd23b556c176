//! A lock that is waited for without a useful end.

use super::super::{
    example::{Example, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;
use std::time::Duration;

/// A lock that is waited for without a useful end.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "missing-lock-timeout",
    title: "a lock that is waited for without a useful end",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "A step that takes a lock which readers or writers wait for may itself wait for it for longer than 30 \
        seconds, or sets the timeout in its SQL.",
    effect: "While it waits, everybody who comes later queues up behind it: one long query takes the table down.",
    remedy: "Set `lock_timeout` of the session or the step to a few seconds, and let `retry` try again.",
    manual: Some("https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"),
    claim: None,
    bad: Example::Steps(&[with("lock_timeout: 5min", "ALTER TABLE public.orders ADD COLUMN region text")]),
    good: Example::Steps(&[with("lock_timeout: 3s", "ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Step(find),
};

/// Longer than this nobody's readers should stand in a queue.
const LONGEST: Duration = Duration::from_secs(30);

fn find(subject: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let timeout = step.step.lock_timeout.unwrap_or(subject.plan.session.lock_timeout);
    let strong = step
        .operations()
        .find(|(nth, operation)| operation.lock.makes_others_wait() && subject.is_lock_on_used(operation, step.index, *nth));
    if let (Some((_, operation)), true) = (strong, timeout > LONGEST) {
        let message = format!("readers or writers may queue up behind this for {} seconds", timeout.as_secs());
        said.in_sql(step.index, &operation.at, message);
    }
    for (_, operation) in step.operations() {
        if matches!(&operation.action, OperationKind::Set { setting, .. } if setting == "lock_timeout") {
            said.in_sql(step.index, &operation.at, "the SQL overrides the plan's `lock_timeout`");
        }
    }
}
