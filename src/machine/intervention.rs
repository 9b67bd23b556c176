//! What a signal, a crash or a person makes of a run.

use super::{
    decision::{Settlement, StepSettled},
    failure::FailureClass,
    outline::Outline,
    rollback::{is_untouched, restore, roll_back},
    run_outcome::Cause,
    state::{EffectProgress, HeldAt, State, StepPosition, StepProgress},
};
use crate::plan::{OnInterrupt, Transaction};

/// A signal: its effect was cancelled and rolled back.
pub(super) fn interrupt(outline: &Outline, state: State, signal: &str) -> State {
    let cause = Cause::Interrupted(signal.to_owned());
    if state.is_inside(outline) {
        return State::RollingBack { steps: state.steps_begun(outline), cause, checks: Vec::new() };
    }
    match state {
        State::Preflighting | State::Opening | State::Checking | State::BackingUp(_) => State::Aborting { cause },
        State::Applying(at) => interrupt_at(outline, &state, HeldAt::Step(continued(outline, at)), cause),
        State::Validating => interrupt_at(outline, &state, HeldAt::Validation, cause),
        State::Succeeding
        | State::Held { .. }
        | State::Undoing { .. }
        | State::Comparing { .. }
        | State::Restoring { .. }
        | State::RollingBack { .. }
        | State::Aborting { .. }
        | State::Finished(_) => again(state),
    }
}

fn interrupt_at(outline: &Outline, state: &State, at: HeldAt, cause: Cause) -> State {
    match outline.rollback.on_interrupt {
        OnInterrupt::Hold => State::Held { at, cause },
        OnInterrupt::Restore if is_untouched(outline, at) => roll_back(state, outline, cause, Vec::new()),
        OnInterrupt::Restore => restore(cause),
    }
}

/// The run goes on in its direction, with a runner that holds nothing of the last one's.
pub(super) fn resume(outline: &Outline, state: State) -> State {
    if state.is_inside(outline) {
        return State::Opening;
    }
    match state {
        State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } => State::Applying(continued(outline, at)),
        State::Held { at: HeldAt::Validation, .. } => State::Validating,
        State::Held { at: HeldAt::Restore, cause } => restore(cause),
        State::Preflighting
        | State::Opening
        | State::Checking
        | State::BackingUp(_)
        | State::Validating
        | State::Succeeding
        | State::Undoing { .. }
        | State::Comparing { .. }
        | State::Restoring { .. }
        | State::RollingBack { .. }
        | State::Aborting { .. }
        | State::Finished(_) => again(state),
    }
}

/// A person wants the way back. Where no backup is complete, nothing was changed; inside the plan's one transaction what was
/// changed is gone with the runner.
pub(super) fn go_back(outline: &Outline, state: State) -> State {
    if state.is_inside(outline) {
        return State::Aborting { cause: Cause::Requested };
    }
    match state {
        State::Preflighting | State::Opening | State::Checking | State::BackingUp(_) => {
            State::Aborting { cause: Cause::Requested }
        }
        State::Applying(_)
        | State::Validating
        | State::Succeeding
        | State::Held { .. }
        | State::Undoing { .. }
        | State::Comparing { .. } => restore(Cause::Requested),
        State::Restoring { .. } | State::RollingBack { .. } | State::Aborting { .. } | State::Finished(_) => again(state),
    }
}

/// A person changed the plan. What has run, and what may have run, is as it was; behind it steps may come, go and change.
pub(super) fn amend(outline: &Outline, state: State, amended: &Outline) -> Option<State> {
    let frozen = frozen_steps(outline, &state)?;
    let keeps = outline.transaction == Transaction::Step
        && amended.transaction == Transaction::Step
        && amended.steps.len() >= frozen
        && amended.steps.get(..frozen) == outline.steps.get(..frozen);
    if !keeps {
        return None;
    }
    let moved = |at: HeldAt| match at {
        HeldAt::Step(at) if at.index < amended.steps.len() => HeldAt::Step(continued(outline, at)),
        HeldAt::Validation if outline.steps.len() < amended.steps.len() => {
            HeldAt::Step(StepPosition::first(outline.steps.len()))
        }
        HeldAt::Step(_) | HeldAt::Validation => HeldAt::Validation,
        HeldAt::Restore => HeldAt::Restore,
    };
    let going = |at| match moved(at) {
        HeldAt::Step(at) => State::Applying(at),
        // Nothing that is on its way through the steps is moved to its restore.
        HeldAt::Validation | HeldAt::Restore => State::Validating,
    };
    match state {
        State::Applying(at) => Some(going(HeldAt::Step(at))),
        State::Validating => Some(going(HeldAt::Validation)),
        State::Held { at, cause } => Some(State::Held { at: moved(at), cause }),
        State::Preflighting
        | State::Opening
        | State::Checking
        | State::BackingUp(_)
        | State::Succeeding
        | State::Undoing { .. }
        | State::Comparing { .. }
        | State::Restoring { .. }
        | State::RollingBack { .. }
        | State::Aborting { .. }
        | State::Finished(_) => None,
    }
}

/// How many steps, from the first on, can't be changed any more: they have run, in part or maybe. None where the run is not on
/// its way through the steps.
pub fn frozen_steps(outline: &Outline, state: &State) -> Option<usize> {
    match state {
        State::Held { at: HeldAt::Step(at), cause } if is_unknown(cause) => Some(at.index + 1),
        State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } => Some(continued(outline, *at).changed()),
        State::Validating | State::Held { at: HeldAt::Validation, .. } => Some(outline.steps.len()),
        State::Preflighting
        | State::Opening
        | State::Checking
        | State::BackingUp(_)
        | State::Succeeding
        | State::Held { at: HeldAt::Restore, .. }
        | State::Undoing { .. }
        | State::Comparing { .. }
        | State::Restoring { .. }
        | State::RollingBack { .. }
        | State::Aborting { .. }
        | State::Finished(_) => None,
    }
}

/// A person knows what became of a step of which nobody knew; the run stays held, behind the step or before it.
pub(super) fn settle(outline: &Outline, at: StepPosition, cause: &Cause, event: &StepSettled) -> Option<State> {
    if !is_unknown(cause) || event.index != at.index || !outline.is_step(event.index, &event.step) {
        return None;
    }
    let at = match event.outcome {
        Settlement::NotApplied => HeldAt::Step(at.anew()),
        Settlement::Applied if at.index + 1 < outline.steps.len() => HeldAt::Step(StepPosition::first(at.index + 1)),
        Settlement::Applied => HeldAt::Validation,
    };
    Some(State::Held { at, cause: Cause::Requested })
}

/// Whether nobody knows what became of a step.
fn is_unknown(cause: &Cause) -> bool {
    matches!(cause, Cause::Step { failure, .. } if failure.class == FailureClass::Unknown)
}

fn continued(outline: &Outline, at: StepPosition) -> StepPosition {
    match at.progress {
        StepProgress::Started => StepPosition { progress: doubtful(outline, at.index), ..at },
        StepProgress::Due | StepProgress::Doubtful => at,
    }
}

/// The same state, with nothing in flight.
fn again(state: State) -> State {
    match state {
        State::BackingUp(_) => State::BackingUp(EffectProgress::Due),
        State::Undoing { cause, remaining, .. } => State::Undoing { cause, remaining, progress: EffectProgress::Due },
        State::Restoring { cause, fidelity, attempt, .. } => {
            State::Restoring { cause, fidelity, attempt, progress: EffectProgress::Due }
        }
        state @ (State::Preflighting
        | State::Opening
        | State::Checking
        | State::Applying(_)
        | State::Validating
        | State::Succeeding
        | State::Held { .. }
        | State::Comparing { .. }
        | State::RollingBack { .. }
        | State::Aborting { .. }
        | State::Finished(_)) => state,
    }
}

/// What a step is when its runner is gone: one in a transaction was rolled back with it.
pub(super) fn doubtful(outline: &Outline, index: usize) -> StepProgress {
    if outline.is_transactional(index) { StepProgress::Due } else { StepProgress::Doubtful }
}
