//! Exceptions from the rules of `lint`.

use super::place::Place;

/// A rule whose findings a plan, or a step of it, makes an exception of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintException {
    /// The rule's code; whether there is such a rule is the linter's question.
    pub rule: String,
    /// Where the code stands.
    pub at: Place,
    /// Why, for those who review the plan.
    pub reason: String,
}
