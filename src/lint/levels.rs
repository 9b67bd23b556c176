//! How much a rule's findings weigh.

use super::rule::Rule;
use crate::plan::{FailOn, LintSettings, RuleLevel};

/// As the repository says, or else as the rule does.
pub(super) fn level(rule: &Rule, settings: &LintSettings) -> RuleLevel {
    settings.rules.get(rule.code).map_or(rule.level, |setting| setting.level)
}

/// Whether a finding of this level fails the command.
pub(super) fn fails(level: RuleLevel, on: FailOn) -> bool {
    let least = match on {
        FailOn::Note => RuleLevel::Note,
        FailOn::Warning => RuleLevel::Warning,
        FailOn::Error => RuleLevel::Error,
    };
    level >= least
}
