//! A statement that may run for half a day.

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

/// A statement that may run for half a day.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "missing-statement-timeout",
    title: "a statement that may run for half a day",
    group: Group::Halfway,
    level: RuleLevel::Note,
    condition: "A statement may run for longer than 12 hours, or the SQL of a step sets the timeout itself.",
    effect: "A statement that has gone astray is ended by nobody, and holds its locks and old row versions all the \
        time.",
    remedy: "Set `statement_timeout` of the session or the step to what the statement may need at most.",
    manual: Some("https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT"),
    claim: None,
    bad: Example::Steps(&[with("statement_timeout: 2d", "ALTER TABLE public.orders ADD COLUMN region text")]),
    good: Example::Steps(&[with("statement_timeout: 10min", "ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Step(find),
};

/// Longer than this is no bound.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

fn find(subject: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let timeout = step.step.statement_timeout.unwrap_or(subject.plan.session.statement_timeout);
    if timeout > LONGEST {
        said.at(step.step.at, format!("a statement of the step may run for {} hours", timeout.as_secs() / 3600));
    }
    for (_, operation) in step.operations() {
        if matches!(&operation.action, OperationKind::Set { setting, .. } if setting == "statement_timeout") {
            said.in_sql(step.index, &operation.at, "the SQL overrides the plan's `statement_timeout`");
        }
    }
}
