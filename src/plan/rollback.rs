//! What a failure leads to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The plan's policy for failures and interruptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Rollback {
    /// When a step or an after-check failed.
    pub on_failure: OnFailure,
    /// When a signal stopped the run.
    pub on_interrupt: OnInterrupt,
}

/// When a step or an after-check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Bring the backup back, and prove it.
    #[default]
    Restore,
    /// Run the steps' `undo` SQL in reverse order, compare with the backup, restore where they differ.
    Undo,
    /// Stop and ask a person.
    Hold,
}

/// When a signal stopped the run between its first step and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupt {
    /// Stop; `resume` goes on.
    #[default]
    Hold,
    /// Bring the backup back.
    Restore,
}
