//! Batches that run away from the replicas.

use super::super::{
    example::{Example, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// Batches that run away from the replicas.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "batch-without-max-lag",
    title: "batches that run away from the replicas",
    group: Group::Plans,
    level: RuleLevel::Note,
    condition: "A step in batches has no `max_lag`.",
    effect: "It writes as fast as the primary can, and replicas fall behind: what reads from them sees old rows.",
    remedy: "Set `max_lag` to what readers of replicas can stand; without replicas it costs nothing.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[with(
        "batch: {table: public.orders, key: id}",
        "UPDATE public.orders SET status = 'new' WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}",
    )]),
    good: Example::Steps(&[with(
        "batch: {table: public.orders, key: id, max_lag: 10s}",
        "UPDATE public.orders SET status = 'new' WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}",
    )]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    if let Some(batch) = step.step.batch.as_ref().filter(|batch| batch.max_lag.is_none()) {
        said.at(batch.at, "replicas may fall behind without a bound");
    }
}
