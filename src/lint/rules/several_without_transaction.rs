//! Several statements in a step without a transaction.

use super::super::{
    example::{Example, outside},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// Several statements in a step without a transaction.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "several-without-transaction",
    title: "several statements in a step without a transaction",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A step with `transaction: none` holds more than one statement.",
    effect: "A failure between them leaves a state that nobody has thought of; the run refuses such a step.",
    remedy: "Give each statement a step of its own.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[outside(
        "CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id);\n\
            CREATE INDEX CONCURRENTLY orders_code_idx ON public.orders (code)",
    )]),
    good: Example::Steps(&[
        outside("CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)"),
        outside("CREATE INDEX CONCURRENTLY orders_code_idx ON public.orders (code)"),
    ]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    if let (true, [_, second, ..]) = (step.is_outside(), step.statements.as_slice()) {
        let message = format!("{} statements in a step without a transaction", step.statements.len());
        said.in_sql(step.index, &second.range, message);
    }
}
