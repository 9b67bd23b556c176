//! BEGIN, COMMIT and the like in a step.

use super::super::{
    example::{Example, sql, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// BEGIN, COMMIT and the like in a step.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "transaction-control",
    title: "BEGIN, COMMIT and the like in a step",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A step begins, ends or divides a transaction itself.",
    effect: "The step's own transaction, and its row in the journal with it, would end at another place than the run \
        thinks; the run refuses such a step.",
    remedy: "Leave it out: each step is a transaction; divide the step where a commit is wanted.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[sql("BEGIN;\n\
            UPDATE public.orders SET status = 'new' WHERE status IS NULL;\n\
            COMMIT")]),
    good: Example::Steps(&[with(
        "expect_rows: {at_least: 0}",
        "UPDATE public.orders SET status = 'new' WHERE status IS NULL",
    )]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for statement in step.statements.iter().filter(|statement| statement.kind.is_transaction_control()) {
        said.in_sql(step.index, &statement.range, format!("{} stands in a step", statement.kind.name()));
    }
}
