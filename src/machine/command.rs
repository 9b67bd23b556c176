//! The next effect that a run wants.

use super::run_outcome::RunOutcome;

/// The next effect that a run wants. The driver carries it out and answers with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open the plan's one transaction (`transaction: plan` only).
    OpenTransaction,
    /// Look whether the run can be made at all.
    Preflight,
    /// Evaluate the before-checks and ask the `unchanged` ones for the first time.
    CheckBefore,
    /// Clear away a partial backup of this run, fence writers, copy all targets, verify the copies.
    TakeBackup,
    /// Run a step; wait first where this is not the first attempt.
    RunStep {
        /// Of the step in the plan, from 0.
        index: usize,
        /// From 1.
        attempt: u32,
    },
    /// Commit the next batch of a step, or, where none is left, the step.
    RunBatch {
        /// Which step, from 0.
        index: usize,
        /// Of this batch, from 1.
        attempt: u32,
    },
    /// Find out whether a step outside a transaction, whose outcome is unknown, has been applied.
    FindAppliedState {
        /// Of the step in the plan, from 0.
        index: usize,
    },
    /// Evaluate the after-checks and ask the `unchanged` ones again.
    CheckAfter,
    /// Run a step's `undo` SQL.
    UndoStep {
        /// Of the step in the plan, from 0.
        index: usize,
    },
    /// After the last undo: compare structure and content with the backup's.
    CompareWithBackup,
    /// Bring the backup back, and prove it.
    Restore,
    /// Roll the plan's one transaction back; where only the first step's had begun, take the fence away with the last event.
    RollBack,
    /// Take the fence away and write the run's last event, together.
    Finish(RunOutcome),
    /// Nothing: a person must decide between `resume`, `restore` and `accept`.
    AwaitDecision,
    /// Nothing: the run has ended.
    Stop(RunOutcome),
}
