//! Phases whose checks got no answer.

use crate::{
    machine::{CheckOutcome, CheckPhase, CheckResult, ChecksEvaluated, Failure},
    plan::{Check, Rendered, Severity},
};

/// A phase that could not be evaluated: none of its checks has an answer, and no answer is never a pass.
pub(super) fn not_evaluated<const N: usize>(
    phases: [(CheckPhase, &Vec<Check<Rendered>>); N],
    failure: &Failure,
) -> ChecksEvaluated {
    let result = |phase, id: &str, severity, hint: &Option<String>| CheckResult {
        id: id.to_owned(),
        phase,
        severity,
        outcome: CheckOutcome::Error,
        message: failure.message.clone(),
        count: None,
        answer: None,
        sample: None,
        hint: hint.clone().or_else(|| failure.hint.clone()),
    };
    let mut results: Vec<CheckResult> = phases
        .iter()
        .flat_map(|(phase, checks)| {
            checks.iter().map(|check| result(*phase, check.id.as_str(), check.severity, &check.hint))
        })
        .collect();
    // A phase of which nothing is known holds the run up, however little each of its checks weighs.
    if !results.iter().any(CheckResult::blocks) {
        let phase = phases.first().map_or(CheckPhase::After, |(phase, _)| *phase);
        results.push(result(phase, "session", Severity::Fail, &None));
    }
    ChecksEvaluated { results }
}
