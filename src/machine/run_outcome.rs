//! How runs end, and why they leave their way. Stored as JSON for ever, like the events that carry it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failure::Failure, restoration::RemainingDifference};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Migrated and validated.
    Succeeded,
    /// Nothing was changed.
    Aborted(Cause),
    /// Changed, failed, and brought back.
    Restored {
        /// Why the run went back.
        cause: Cause,
        /// Tables that keep what the run wrote to them, because no backup holds them.
        uncovered: Vec<String>,
    },
    /// The same, with all rows; but single objects could not be made as they were.
    RestoredExcept {
        /// Why the run went back.
        cause: Cause,
        /// Those objects, at least one.
        remaining: Vec<RemainingDifference>,
        /// Tables that keep what the run wrote to them, because no backup holds them.
        uncovered: Vec<String>,
    },
    /// A person accepted it as it stands.
    Accepted,
    /// The restore failed; a person must look.
    Stuck(Failure),
}

impl RunOutcome {
    /// Brought back, and nothing was written to what no backup holds.
    pub fn restored(cause: Cause) -> Self {
        RunOutcome::Restored { cause, uncovered: Vec::new() }
    }
}

/// Why a run did not go its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Preflight found something.
    Preflight(Vec<Failure>),
    /// Checks failed, or could not be evaluated: their ids.
    Checks(Vec<String>),
    /// The backup failed.
    Backup(Failure),
    /// A step failed.
    Step {
        /// The id of the step that failed.
        step: String,
        /// That of the last attempt.
        failure: Failure,
    },
    /// The plan's one transaction could not be opened or committed, or was lost.
    Transaction(Failure),
    /// A signal.
    Interrupted(String),
    /// A person asked for it.
    Requested,
}
