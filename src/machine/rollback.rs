//! Which way back a run takes that is not to go on.

use super::{
    check_results::CheckResult,
    outline::{Outline, Untouched},
    restoration::Fidelity,
    run_outcome::Cause,
    state::{EffectProgress, HeldAt, State},
};
use crate::plan::{OnFailure, Transaction};

/// A step or an after-check failed: the plan's policy.
pub(super) fn fail(outline: &Outline, state: State, again: HeldAt, cause: Cause, checks: Vec<CheckResult>) -> State {
    if outline.transaction == Transaction::Plan {
        return roll_back(&state, outline, cause, checks);
    }
    match outline.rollback.on_failure {
        OnFailure::Restore | OnFailure::Undo if is_untouched(outline, again) => roll_back(&state, outline, cause, checks),
        OnFailure::Restore => restore(cause),
        OnFailure::Undo => undo(outline, cause, committed(outline, again)),
        OnFailure::Hold => State::Held { at: again, cause },
    }
}

/// Whether no step can have left anything, so that there is nothing to bring back.
pub(super) fn is_untouched(outline: &Outline, at: HeldAt) -> bool {
    outline.untouched == Untouched::Released
        && match at {
            HeldAt::Step(at) => at.index == 0 && at.batches == 0 && outline.is_transactional(0),
            HeldAt::Validation => outline.steps.is_empty(),
            HeldAt::Restore => false,
        }
}

/// What had begun is rolled back; only the run's last event, and with it the end of the fence, is missing.
pub(super) fn roll_back(state: &State, outline: &Outline, cause: Cause, checks: Vec<CheckResult>) -> State {
    State::RollingBack { cause, steps: state.steps_begun(outline), checks }
}

/// How many steps have left something when the run goes on here: one whose batches are committed in part is undone too.
fn committed(outline: &Outline, at: HeldAt) -> usize {
    match at {
        HeldAt::Step(at) => at.changed(),
        HeldAt::Validation | HeldAt::Restore => outline.steps.len(),
    }
}

pub(super) fn restore(cause: Cause) -> State {
    State::Restoring { cause, fidelity: Fidelity::Exact, attempt: 1, progress: EffectProgress::Due }
}

/// Undoes what remains, where all of it can be undone: to undo a part would only be more work for the restore.
pub(super) fn undo(outline: &Outline, cause: Cause, remaining: usize) -> State {
    match outline.steps.get(..remaining) {
        Some([]) => State::Comparing { cause },
        Some(steps) if steps.iter().all(|step| step.has_undo) => {
            State::Undoing { cause, remaining, progress: EffectProgress::Due }
        }
        Some(_) | None => restore(cause),
    }
}
