//! What was found.

use super::{location::At, rule::Rule};
use crate::plan::{RuleLevel, StepId};

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it weighs, as the repository says.
    pub level: RuleLevel,
    /// What is wrong here, a fragment.
    pub message: String,
    /// The place in the plan's files that it is shown at.
    pub at: At,
    /// The step that it is about.
    pub step: Option<StepId>,
    /// Why the plan makes an exception of it, where it does.
    pub excepted: Option<String>,
}
