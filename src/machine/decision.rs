//! What persons decided, as events carry it. Stored as JSON for ever, like the events themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outline::Outline;

/// A person changed the plan for the steps that have not run yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanAmended {
    /// Fingerprint of the resolved plan as it is now, hex.
    pub fingerprint: String,
    /// Its shape; that of the steps that have run is as it was.
    pub outline: Outline,
    /// The rendered plan as it may be shown.
    pub rendered: String,
    /// What was changed, a fragment each.
    pub changes: Vec<String>,
}

/// A person found out whether a step was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepSettled {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// What was found.
    pub outcome: Settlement,
    /// Why the person believes so.
    pub reason: String,
    /// What the program showed of the database, a line each.
    pub evidence: Vec<String>,
}

/// What became of a step of which nobody knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// Its effect is there.
    Applied,
    /// Nothing of it is there.
    NotApplied,
}

/// A person accepts the database as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunAccepted {
    /// What the person gave as the reason; the journal keeps it.
    pub reason: String,
}
