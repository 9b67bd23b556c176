//! What a look before a run finds.

use crate::machine::Failure;

/// What was found: what stands in the way, and what is only worth saying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreflightFindings {
    /// What stands in the way.
    pub failures: Vec<Failure>,
    /// What does not.
    pub warnings: Vec<String>,
}
