//! State and event → the next state. This is the only place where a run moves, live and in replay alike.

use std::fmt;

use super::{
    check_results::CheckResult,
    event::{BatchCommitted, Event, RestoreCompleted, RestoreFailed, StepCommitted, StepFailed, StepStarted, UndoStarted},
    failure::FailureClass,
    intervention::{amend, doubtful, go_back, interrupt, resume, settle},
    outline::Outline,
    restoration::Fidelity,
    rollback::{fail, restore, undo},
    run_outcome::{Cause, RunOutcome},
    state::{EffectProgress, HeldAt, State, StepPosition, StepProgress},
};
use crate::plan::Transaction;

/// How often a restore is tried whose failures are transient; after that a person must look.
pub const RESTORE_ATTEMPTS_MAX: u32 = 5;

/// An event that can't happen in the state that the run is in: the journal is damaged, or was written by a newer program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IllegalEvent {
    /// [`State::name`]
    pub state: &'static str,
    /// [`Event::name`]
    pub event: &'static str,
}

impl fmt::Display for IllegalEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the event `{}` can't happen to a run that is `{}`", self.event, self.state)
    }
}

impl std::error::Error for IllegalEvent {}

/// The state that follows.
///
/// The match lists the legal pairs; the last arm names every state and every event, so that a new one of either does not
/// compile until somebody has decided what it means.
///
/// # Errors
/// [`IllegalEvent`] where the event can't happen in this state.
pub fn apply(outline: &Outline, state: State, event: &Event) -> Result<State, IllegalEvent> {
    use Event as E;
    use State as S;
    let illegal = IllegalEvent { state: state.name(), event: event.name() };
    let next = match (state, event) {
        (S::Preflighting, E::PreflightPassed(_)) => match outline.transaction {
            Transaction::Plan => S::Opening,
            Transaction::Step => S::Checking,
        },
        (S::Preflighting, E::PreflightFailed(e)) => S::Aborting { cause: Cause::Preflight(e.failures.clone()) },
        (S::Opening, E::TransactionOpened(_)) => S::Checking,
        (S::Checking, E::BeforeChecksPassed(_)) => S::BackingUp(EffectProgress::Due),
        (S::Checking, E::BeforeChecksFailed(e)) => {
            fail_before_steps(outline, Cause::Checks(e.blocking()), e.results.clone())
        }
        (S::BackingUp(EffectProgress::Due), E::BackupStarted(_)) => S::BackingUp(EffectProgress::Started),
        (S::BackingUp(EffectProgress::Started), E::BackupCompleted(_)) => enter_step(outline, 0),
        (S::BackingUp(EffectProgress::Started), E::BackupFailed(e)) => {
            fail_before_steps(outline, Cause::Backup(e.failure.clone()), Vec::new())
        }

        (S::Applying(at), E::StepStarted(e)) => start_step(outline, at, e).ok_or(illegal)?,
        (S::Applying(at), E::StepCommitted(e)) => commit_step(outline, at, e).ok_or(illegal)?,
        (S::Applying(at), E::BatchCommitted(e)) => commit_batch(outline, at, e).ok_or(illegal)?,
        (S::Applying(at), E::StepFailed(e)) => fail_step(outline, at, e).ok_or(illegal)?,
        (S::Validating, E::AfterChecksPassed(_)) => S::Succeeding,
        (S::Validating, E::AfterChecksFailed(e)) => {
            let cause = Cause::Checks(e.blocking());
            fail(outline, S::Validating, HeldAt::Validation, cause, e.results.clone())
        }
        (S::Succeeding, E::RunSucceeded(_)) => S::Finished(RunOutcome::Succeeded),

        (S::Undoing { cause, remaining, progress: EffectProgress::Due }, E::UndoStarted(e)) => {
            start_undo(outline, cause, remaining, e).ok_or(illegal)?
        }
        (S::Undoing { cause, remaining, progress: EffectProgress::Started }, E::UndoCommitted(e)) => {
            (e.index + 1 == remaining).then(|| undo(outline, cause, e.index)).ok_or(illegal)?
        }
        (S::Undoing { cause, remaining, progress: EffectProgress::Started }, E::UndoFailed(e)) => {
            (e.index + 1 == remaining).then(|| restore(cause)).ok_or(illegal)?
        }
        (S::Comparing { cause }, E::UndoVerified(event)) => {
            S::Finished(RunOutcome::Restored { cause, uncovered: event.uncovered.clone() })
        }
        (S::Comparing { cause }, E::UndoDiffers(_)) => restore(cause),
        (S::Restoring { cause, fidelity, attempt, progress: EffectProgress::Due }, E::RestoreStarted(e)) => {
            let started = S::Restoring { cause, fidelity, attempt, progress: EffectProgress::Started };
            (e.attempt == attempt && e.fidelity == fidelity).then_some(started).ok_or(illegal)?
        }
        (S::Restoring { cause, fidelity, progress: EffectProgress::Started, .. }, E::RestoreCompleted(e)) => {
            restored(cause, fidelity, e).ok_or(illegal)?
        }
        (S::Restoring { cause, fidelity, attempt, progress: EffectProgress::Started }, E::RestoreFailed(e)) => {
            (e.attempt == attempt).then(|| fail_restore(cause, fidelity, e)).ok_or(illegal)?
        }
        // Inside the transaction too: what had happened there is not in the journal any more when this is replayed.
        (
            state @ (S::Checking | S::BackingUp(_) | S::Applying(_) | S::Validating | S::Succeeding | S::RollingBack { .. }),
            E::TransactionRolledBack(e),
        ) => {
            let rolls_back = state.is_inside(outline) || matches!(state, S::RollingBack { .. });
            rolls_back.then(|| S::Finished(e.outcome())).ok_or(illegal)?
        }
        (S::Aborting { cause }, E::RunAborted(e)) => {
            (cause == e.cause).then_some(S::Finished(RunOutcome::Aborted(cause))).ok_or(illegal)?
        }

        (
            state @ (S::Preflighting
            | S::Opening
            | S::Checking
            | S::BackingUp(_)
            | S::Applying(_)
            | S::Validating
            | S::Succeeding
            | S::Undoing { .. }
            | S::Comparing { .. }
            | S::Restoring { .. }
            | S::RollingBack { .. }
            | S::Aborting { .. }),
            E::RunInterrupted(e),
        ) => interrupt(outline, state, &e.signal),
        (
            state @ (S::Preflighting
            | S::Opening
            | S::Checking
            | S::BackingUp(_)
            | S::Applying(_)
            | S::Validating
            | S::Succeeding
            | S::Held { .. }
            | S::Undoing { .. }
            | S::Comparing { .. }
            | S::Restoring { .. }
            | S::RollingBack { .. }
            | S::Aborting { .. }),
            E::RunResumed(_),
        ) => resume(outline, state),
        (
            state @ (S::Preflighting
            | S::Opening
            | S::Checking
            | S::BackingUp(_)
            | S::Applying(_)
            | S::Validating
            | S::Succeeding
            | S::Held { .. }
            | S::Undoing { .. }
            | S::Comparing { .. }
            | S::Restoring { .. }
            | S::RollingBack { .. }
            | S::Aborting { .. }),
            E::RestoreRequested(_),
        ) => go_back(outline, state),
        (state @ (S::Applying(_) | S::Validating | S::Held { .. }), E::PlanAmended(e)) => {
            amend(outline, state, &e.outline).ok_or(illegal)?
        }
        (S::Held { at: HeldAt::Step(at), cause }, E::StepSettled(e)) => settle(outline, at, &cause, e).ok_or(illegal)?,
        (S::Held { .. }, E::RunAccepted(_)) => S::Finished(RunOutcome::Accepted),
        // What was in the way of the restore may be gone; only a person can know.
        (S::Finished(RunOutcome::Stuck(_)), E::RestoreRequested(_)) => restore(Cause::Requested),
        (S::Finished(RunOutcome::Stuck(_)), E::RunAccepted(_)) => S::Finished(RunOutcome::Accepted),

        (
            S::Preflighting
            | S::Opening
            | S::Checking
            | S::BackingUp(_)
            | S::Applying(_)
            | S::Validating
            | S::Succeeding
            | S::Held { .. }
            | S::Undoing { .. }
            | S::Comparing { .. }
            | S::Restoring { .. }
            | S::RollingBack { .. }
            | S::Aborting { .. }
            | S::Finished(_),
            E::RunStarted(_)
            | E::PreflightPassed(_)
            | E::PreflightFailed(_)
            | E::TransactionOpened(_)
            | E::BeforeChecksPassed(_)
            | E::BeforeChecksFailed(_)
            | E::BackupStarted(_)
            | E::BackupCompleted(_)
            | E::BackupFailed(_)
            | E::StepStarted(_)
            | E::StepCommitted(_)
            | E::BatchCommitted(_)
            | E::StepFailed(_)
            | E::AfterChecksPassed(_)
            | E::AfterChecksFailed(_)
            | E::UndoStarted(_)
            | E::UndoCommitted(_)
            | E::UndoFailed(_)
            | E::UndoVerified(_)
            | E::UndoDiffers(_)
            | E::RestoreStarted(_)
            | E::RestoreCompleted(_)
            | E::RestoreFailed(_)
            | E::TransactionRolledBack(_)
            | E::RunInterrupted(_)
            | E::RunResumed(_)
            | E::RestoreRequested(_)
            | E::PlanAmended(_)
            | E::StepSettled(_)
            | E::RunAccepted(_)
            | E::RunSucceeded(_)
            | E::RunAborted(_),
        ) => return Err(illegal),
    };
    Ok(next)
}

/// Something failed before the first step.
fn fail_before_steps(outline: &Outline, cause: Cause, checks: Vec<CheckResult>) -> State {
    match outline.transaction {
        Transaction::Plan => State::RollingBack { cause, steps: 0, checks },
        Transaction::Step => State::Aborting { cause },
    }
}

/// The next step, or what comes after the last.
fn enter_step(outline: &Outline, index: usize) -> State {
    if index < outline.steps.len() { State::Applying(StepPosition::first(index)) } else { State::Validating }
}

fn start_step(outline: &Outline, at: StepPosition, event: &StepStarted) -> Option<State> {
    let fits = at.progress == StepProgress::Due
        && event.index == at.index
        && event.attempt == at.attempt
        && outline.is_step(event.index, &event.step);
    fits.then_some(State::Applying(StepPosition { progress: StepProgress::Started, ..at }))
}

fn commit_step(outline: &Outline, at: StepPosition, event: &StepCommitted) -> Option<State> {
    let fits = at.progress != StepProgress::Due && event.index == at.index && outline.is_step(event.index, &event.step);
    fits.then(|| enter_step(outline, at.index + 1))
}

/// The checkpoint of one batch: what follows is tried as often as the first.
fn commit_batch(outline: &Outline, at: StepPosition, event: &BatchCommitted) -> Option<State> {
    let fits = at.progress == StepProgress::Started
        && outline.is_batched(at.index)
        && event.index == at.index
        && event.batch == at.batches + 1
        && outline.is_step(event.index, &event.step);
    fits.then_some(State::Applying(StepPosition { attempt: 1, batches: event.batch, ..at }))
}

fn fail_step(outline: &Outline, at: StepPosition, event: &StepFailed) -> Option<State> {
    let fits = event.index == at.index && event.attempt == at.attempt && outline.is_step(event.index, &event.step);
    if !fits || at.progress == StepProgress::Due {
        return None;
    }
    let cause = Cause::Step { step: event.step.clone(), failure: event.failure.clone() };
    let again = HeldAt::Step(at.anew());
    Some(match (outline.transaction, event.failure.class, at.progress) {
        (Transaction::Plan, ..) => fail(outline, State::Applying(at), again, cause, event.checks.clone()),
        // It was looked, and nothing of the step was there: the attempt that a crash cut off is made again.
        (Transaction::Step, FailureClass::Transient, StepProgress::Doubtful) => {
            State::Applying(StepPosition { progress: StepProgress::Due, ..at })
        }
        (Transaction::Step, FailureClass::Transient, _) if at.attempt < outline.attempts(at.index) => {
            State::Applying(StepPosition { attempt: at.attempt + 1, progress: StepProgress::Due, ..at })
        }
        // Nobody knows whether the step has been applied, so neither another attempt nor any policy is right by itself.
        (Transaction::Step, FailureClass::Unknown, _) => {
            State::Held { at: HeldAt::Step(StepPosition { progress: doubtful(outline, at.index), ..at }), cause }
        }
        (
            Transaction::Step,
            FailureClass::Transient
            | FailureClass::Permanent
            | FailureClass::Partial
            | FailureClass::Interrupted
            | FailureClass::Undecided,
            _,
        ) => fail(outline, State::Applying(at), again, cause, event.checks.clone()),
    })
}

/// Only where everything could not be made as it was may something be left unfinished.
fn restored(cause: Cause, fidelity: Fidelity, event: &RestoreCompleted) -> Option<State> {
    let (remaining, uncovered) = (event.restored.remaining.clone(), event.restored.uncovered.clone());
    match fidelity {
        _ if remaining.is_empty() => Some(State::Finished(RunOutcome::Restored { cause, uncovered })),
        Fidelity::Nearest => Some(State::Finished(RunOutcome::RestoredExcept { cause, remaining, uncovered })),
        Fidelity::Exact => None,
    }
}

/// A restore was rolled back: it is tried again, or less exactly, or a person must look.
fn fail_restore(cause: Cause, fidelity: Fidelity, event: &RestoreFailed) -> State {
    let attempt = event.attempt;
    match (event.failure.class, fidelity) {
        (FailureClass::Transient | FailureClass::Interrupted | FailureClass::Unknown, _)
            if attempt < RESTORE_ATTEMPTS_MAX =>
        {
            State::Restoring { cause, fidelity, attempt: attempt + 1, progress: EffectProgress::Due }
        }
        (FailureClass::Undecided, _) => State::Held { at: HeldAt::Restore, cause },
        (FailureClass::Partial, Fidelity::Exact) => {
            State::Restoring { cause, fidelity: Fidelity::Nearest, attempt: 1, progress: EffectProgress::Due }
        }
        (
            FailureClass::Transient
            | FailureClass::Interrupted
            | FailureClass::Unknown
            | FailureClass::Permanent
            | FailureClass::Partial,
            _,
        ) => State::Finished(RunOutcome::Stuck(event.failure.clone())),
    }
}

fn start_undo(outline: &Outline, cause: Cause, remaining: usize, event: &UndoStarted) -> Option<State> {
    let fits = event.index + 1 == remaining && outline.is_step(event.index, &event.step);
    fits.then_some(State::Undoing { cause, remaining, progress: EffectProgress::Started })
}
