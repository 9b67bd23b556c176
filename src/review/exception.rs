//! Exceptions from the rules of `lint`: they change nothing that runs, and everything about who is warned.

use super::{
    change::ChangeSubject,
    findings::{FieldDiff, ReviewFindings},
    weakening::Weakening,
};
use crate::plan::LintException;

/// Exceptions then and now.
pub(super) fn compare(
    findings: &mut ReviewFindings,
    subject: &ChangeSubject,
    then: &[LintException],
    now: &[LintException],
) {
    if findings.field(subject, "lint", &told(then), &told(now)) == FieldDiff::Same {
        return;
    }
    let new: Vec<LintException> =
        now.iter().filter(|exception| then.iter().all(|other| other.rule != exception.rule)).cloned().collect();
    if !new.is_empty() {
        findings.weaker(Weakening::RuleExcepted, subject, &None::<String>, &told(&new));
    }
}

/// Each with its reason, in no order that counts.
fn told(exceptions: &[LintException]) -> Vec<String> {
    let mut told: Vec<String> =
        exceptions.iter().map(|LintException { rule, reason, at: _ }| format!("{rule} ({reason})")).collect();
    told.sort_unstable();
    told
}
