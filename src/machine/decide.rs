//! State → the next effect wanted.

use super::{
    command::Command,
    outline::Outline,
    run_outcome::RunOutcome,
    state::{State, StepPosition, StepProgress},
};

/// The next effect that a run wants. It is total: every state has its command.
pub fn decide(outline: &Outline, state: &State) -> Command {
    match state {
        State::Preflighting => Command::Preflight,
        State::Opening => Command::OpenTransaction,
        State::Checking => Command::CheckBefore,
        State::BackingUp(_) => Command::TakeBackup,
        State::Applying(at) => step(outline, *at),
        State::Validating => Command::CheckAfter,
        State::Succeeding => Command::Finish(RunOutcome::Succeeded),
        State::Held { .. } => Command::AwaitDecision,
        State::Undoing { remaining, .. } => Command::UndoStep { index: remaining.saturating_sub(1) },
        State::Comparing { .. } => Command::CompareWithBackup,
        State::Restoring { .. } => Command::Restore,
        State::RollingBack { .. } => Command::RollBack,
        State::Aborting { cause } => Command::Finish(RunOutcome::Aborted(cause.clone())),
        State::Finished(outcome) => Command::Stop(outcome.clone()),
    }
}

fn step(outline: &Outline, at: StepPosition) -> Command {
    let StepPosition { index, attempt, .. } = at;
    let run =
        if outline.is_batched(index) { Command::RunBatch { index, attempt } } else { Command::RunStep { index, attempt } };
    match at.progress {
        StepProgress::Due => run,
        StepProgress::Started if outline.is_transactional(at.index) => run,
        StepProgress::Started | StepProgress::Doubtful => Command::FindAppliedState { index: at.index },
    }
}
