//! What the machine needs to know of a plan: no SQL, only shape and policy. It is frozen in the run's first event.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    plan::{Rollback, Sequences, StepTransaction, Transaction},
    render::ResolvedPlan,
};

/// The shape of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outline {
    /// One transaction a step, or one for all.
    pub transaction: Transaction,
    /// The steps, in order.
    pub steps: Vec<StepOutline>,
    /// What failures lead to.
    pub rollback: Rollback,
    /// What the way back is while no step has left anything.
    #[serde(default, skip_serializing_if = "Untouched::is_restored")]
    pub untouched: Untouched,
}

/// What the way back is of a run of which nothing was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Untouched {
    /// The backup is brought back all the same: runs of older programs, and those whose sequences go back exactly, because numbers
    /// that were handed out stay so though the transaction is rolled back.
    #[default]
    Restored,
    /// Nothing but the end of the fence: PostgreSQL rolled back what the steps did, and what others did is theirs.
    Released,
}

impl Untouched {
    /// Whether it is as older programs did it.
    fn is_restored(&self) -> bool {
        *self == Untouched::Restored
    }
}

/// The shape of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepOutline {
    /// Unique in the plan.
    pub id: String,
    /// Digest of its rendered SQL, hex.
    pub digest: String,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// Whether it is many transactions, one for each batch.
    #[serde(default, skip_serializing_if = "Cut::is_whole")]
    pub cut: Cut,
    /// Whether it has `undo` SQL.
    pub has_undo: bool,
    /// How often it may be tried.
    pub attempts: u32,
    /// Pause before the second attempt.
    pub backoff: Duration,
}

/// How a step is cut into transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Not at all.
    #[default]
    Whole,
    /// Into batches.
    Batches,
}

impl Cut {
    /// Whether it is in one piece.
    fn is_whole(&self) -> bool {
        *self == Cut::Whole
    }
}

impl Outline {
    /// The shape of a resolved plan.
    pub fn of(resolved: &ResolvedPlan) -> Self {
        let plan = resolved.plan();
        let digests = resolved.step_digests().iter().map(String::as_str).chain(std::iter::repeat(""));
        let steps = plan.steps.iter().zip(digests).map(|(step, digest)| StepOutline {
            id: step.id.to_string(),
            digest: digest.to_owned(),
            transactional: step.transaction == StepTransaction::Plan,
            cut: if step.batch.is_some() { Cut::Batches } else { Cut::Whole },
            has_undo: step.undo.is_some(),
            attempts: step.retry.attempts,
            backoff: step.retry.backoff,
        });
        let untouched = match plan.backup.sequences {
            Sequences::Forward => Untouched::Released,
            Sequences::Exact => Untouched::Restored,
        };
        Outline { transaction: plan.transaction, steps: steps.collect(), rollback: plan.rollback, untouched }
    }

    /// Whether the step with this number has this id.
    pub(super) fn is_step(&self, index: usize, id: &str) -> bool {
        self.steps.get(index).is_some_and(|step| step.id == id)
    }

    /// Whether the step runs in a transaction.
    pub(super) fn is_transactional(&self, index: usize) -> bool {
        self.steps.get(index).is_some_and(|step| step.transactional)
    }

    /// Whether the step is cut into batches.
    pub(super) fn is_batched(&self, index: usize) -> bool {
        self.steps.get(index).is_some_and(|step| step.cut == Cut::Batches)
    }

    /// How often the step may be tried.
    pub(super) fn attempts(&self, index: usize) -> u32 {
        self.steps.get(index).map_or(1, |step| step.attempts)
    }
}
