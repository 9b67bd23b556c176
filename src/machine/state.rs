//! Where a run is.

use super::{
    check_results::CheckResult,
    outline::Outline,
    restoration::Fidelity,
    run_outcome::{Cause, RunOutcome},
};
use crate::plan::Transaction;

/// Where a run is. The direction is in the name: up to [`State::Succeeding`] a run goes forward, [`State::Undoing`],
/// [`State::Comparing`], [`State::Restoring`], [`State::RollingBack`] and [`State::Aborting`] go back and never turn round.
///
/// Under `transaction: plan` everything from [`State::Checking`] to [`State::Succeeding`] happens inside the one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is looked whether the run can be made at all.
    Preflighting,
    /// The plan's one transaction is to be opened.
    Opening,
    /// The before-checks are evaluated.
    Checking,
    /// The backup is taken.
    BackingUp(EffectProgress),
    /// A step is applied.
    Applying(StepPosition),
    /// All steps are committed; the after-checks are evaluated.
    Validating,
    /// Everything holds; only the last event is missing.
    Succeeding,
    /// A person must decide.
    Held {
        /// Where the run goes on when it is resumed.
        at: HeldAt,
        /// Why it is held.
        cause: Cause,
    },
    /// Committed steps are undone, last first.
    Undoing {
        /// Why a person must decide.
        cause: Cause,
        /// How many steps are still to be undone, at least one; the next is the last of them.
        remaining: usize,
        /// Of the next one.
        progress: EffectProgress,
    },
    /// Every step is undone; structure and content are compared with the backup's.
    Comparing {
        /// Why the steps were undone.
        cause: Cause,
    },
    /// The backup is brought back.
    Restoring {
        /// Why the run goes back.
        cause: Cause,
        /// Whether single objects may be left unfinished: only once it is known that they can't all be made as they were.
        fidelity: Fidelity,
        /// From 1, of those that are as exact.
        attempt: u32,
        /// Of this attempt.
        progress: EffectProgress,
    },
    /// The plan's one transaction is rolled back. This state lives in memory only then: a crash rolls back as well. With a
    /// transaction for each step: that of the first was, and only the run's last event is missing.
    RollingBack {
        /// Why the run goes back.
        cause: Cause,
        /// The steps that had run.
        steps: usize,
        /// The checks that were the reason.
        checks: Vec<CheckResult>,
    },
    /// Nothing was changed; only the last event is missing.
    Aborting {
        /// Why the run goes back.
        cause: Cause,
    },
    /// The run has ended.
    Finished(RunOutcome),
}

/// How far an effect is whose intent is recorded first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectProgress {
    /// Not begun, or begun by a runner that is gone: it was rolled back then.
    Due,
    /// Its intent is recorded, its outcome is not.
    Started,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepProgress {
    /// Nothing of this attempt is there.
    Due,
    /// Its intent is recorded, its outcome is not.
    Started,
    /// It ran outside a transaction and nobody knows what became of it.
    Doubtful,
}

/// A step and how far it is. All steps before it are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepPosition {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// From 1.
    pub attempt: u32,
    /// How far.
    pub progress: StepProgress,
    /// How many of its batches are committed.
    pub batches: u64,
}

impl StepPosition {
    /// The first attempt of a step.
    pub fn first(index: usize) -> Self {
        StepPosition { index, attempt: 1, progress: StepProgress::Due, batches: 0 }
    }

    /// The same place, nothing of the next attempt being there.
    pub(super) fn anew(self) -> Self {
        StepPosition { attempt: 1, progress: StepProgress::Due, ..self }
    }

    /// How many steps have left something in the database.
    pub(super) fn changed(self) -> usize {
        if self.batches > 0 || self.progress == StepProgress::Doubtful { self.index + 1 } else { self.index }
    }

    /// How many steps have begun to run.
    fn begun(self) -> usize {
        match self.progress {
            StepProgress::Due if self.attempt == 1 && self.batches == 0 => self.index,
            StepProgress::Due | StepProgress::Started | StepProgress::Doubtful => self.index + 1,
        }
    }
}

/// Where a held run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldAt {
    /// At a step.
    Step(StepPosition),
    /// At the after-checks.
    Validation,
    /// On the way back: a restore waits to be told that it may.
    Restore,
}

impl State {
    /// Its name in messages.
    pub fn name(&self) -> &'static str {
        match self {
            State::Preflighting => "preflighting",
            State::Opening => "opening",
            State::Checking => "checking",
            State::BackingUp(_) => "backing_up",
            State::Applying(_) => "applying",
            State::Validating => "validating",
            State::Succeeding => "succeeding",
            State::Held { .. } => "held",
            State::Undoing { .. } => "undoing",
            State::Comparing { .. } => "comparing",
            State::Restoring { .. } => "restoring",
            State::RollingBack { .. } => "rolling_back",
            State::Aborting { .. } => "aborting",
            State::Finished(_) => "finished",
        }
    }

    /// Whether this part of the run happens inside the plan's one transaction.
    pub fn is_inside(&self, outline: &Outline) -> bool {
        match (outline.transaction, self) {
            (
                Transaction::Plan,
                State::Checking | State::BackingUp(_) | State::Applying(_) | State::Validating | State::Succeeding,
            ) => true,
            (Transaction::Plan | Transaction::Step, _) => false,
        }
    }

    /// How many steps have begun to run on the way forward.
    pub(super) fn steps_begun(&self, outline: &Outline) -> usize {
        match self {
            State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } => at.begun(),
            State::Validating | State::Succeeding | State::Held { at: HeldAt::Validation, .. } => outline.steps.len(),
            State::RollingBack { steps, .. } => *steps,
            State::Preflighting
            | State::Opening
            | State::Checking
            | State::BackingUp(_)
            | State::Held { at: HeldAt::Restore, .. }
            | State::Undoing { .. }
            | State::Comparing { .. }
            | State::Restoring { .. }
            | State::Aborting { .. }
            | State::Finished(_) => 0,
        }
    }
}
