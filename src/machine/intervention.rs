//! What a signal, a crash or a person makes of a run.

use super::{
    apply::restore,
    event::Cause,
    outline::Outline,
    state::{HeldAt, Progress, State, StepPosition, StepProgress},
};
use crate::plan::OnInterrupt;

/// A signal: its effect was cancelled and rolled back.
pub(super) fn interrupt(outline: &Outline, state: State, signal: &str) -> State {
    let cause = Cause::Interrupted(signal.to_owned());
    if state.is_inside(outline) {
        return State::RollingBack { steps: state.steps_begun(outline), cause, checks: Vec::new() };
    }
    match state {
        State::Preflighting | State::Opening | State::Checking | State::BackingUp(_) => State::Aborting { cause },
        State::Applying(at) => interrupt_at(outline, HeldAt::Step(continued(outline, at)), cause),
        State::Validating => interrupt_at(outline, HeldAt::Validation, cause),
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

fn interrupt_at(outline: &Outline, at: HeldAt, cause: Cause) -> State {
    match outline.rollback.on_interrupt {
        OnInterrupt::Hold => State::Held { at, cause },
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

fn continued(outline: &Outline, at: StepPosition) -> StepPosition {
    match at.progress {
        StepProgress::Started => StepPosition { progress: unsettled(outline, at.index), ..at },
        StepProgress::Due | StepProgress::Unsettled => at,
    }
}

/// The same state, with nothing in flight.
fn again(state: State) -> State {
    match state {
        State::BackingUp(_) => State::BackingUp(Progress::Due),
        State::Undoing { cause, remaining, .. } => State::Undoing { cause, remaining, progress: Progress::Due },
        State::Restoring { cause, attempt, .. } => State::Restoring { cause, attempt, progress: Progress::Due },
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
pub(super) fn unsettled(outline: &Outline, index: usize) -> StepProgress {
    if outline.is_transactional(index) { StepProgress::Due } else { StepProgress::Unsettled }
}
