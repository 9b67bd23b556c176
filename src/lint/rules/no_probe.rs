//! A step outside of transactions whose outcome nobody could tell.

use super::super::{
    example::{Example, outside, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::StatementKind;

/// A step outside of transactions whose outcome nobody could tell.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "no-probe",
    title: "a step outside of transactions whose outcome nobody could tell",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "A step with `transaction: none` runs a statement whose outcome the run can't see for itself, and has no \
        `probe`.",
    effect: "When the connection breaks while it runs, nobody knows whether it was applied: the run is held until a \
        person settles it.",
    remedy: "Add `probe` with a query that answers whether the step has been applied.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[outside("ANALYZE public.orders")]),
    good: Example::Steps(&[with(
        "transaction: none\n\
            probe: SELECT last_analyze > now() - interval '1 hour' FROM pg_stat_user_tables WHERE relid = 'public.orders'::regclass",
        "ANALYZE public.orders",
    )]),
    find: Find::Step(find),
};

/// The oldest server that plans run on, as `server_version_num` has it.
const OLDEST: u32 = 130_000;

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let ([only], true, None) = (step.statements.as_slice(), step.is_outside(), &step.step.probe) else { return };
    // What the run looks up in the catalog, or may repeat.
    let is_seen = matches!(
        only.kind,
        StatementKind::CreateIndexConcurrently
            | StatementKind::DropIndexConcurrently
            | StatementKind::ReindexConcurrently
            | StatementKind::DetachPartitionConcurrently
            | StatementKind::AlterTypeAddValue
            | StatementKind::ReindexMany
            | StatementKind::Vacuum
            | StatementKind::ClusterAll
    );
    if !is_seen && !only.kind.is_never_run(OLDEST) {
        said.in_sql(
            step.index,
            &only.range,
            format!("nobody could tell whether {} was applied when the connection breaks", only.kind.name()),
        );
    }
}
