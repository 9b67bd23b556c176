//! What the machine needs to know of a plan: no SQL, only shape and policy. It is frozen in the run's first event.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::{Rollback, Transaction};

/// The shape of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// One transaction a step, or one for all.
    pub transaction: Transaction,
    /// The steps, in order.
    pub steps: Vec<StepOutline>,
    /// What failures lead to.
    pub rollback: Rollback,
}

/// The shape of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutline {
    /// Its id.
    pub id: String,
    /// Digest of its rendered SQL, hex.
    pub digest: String,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// Whether it has `undo` SQL.
    pub has_undo: bool,
    /// How often it may be tried.
    pub attempts: u32,
    /// Pause before the second attempt.
    pub backoff: Duration,
}
