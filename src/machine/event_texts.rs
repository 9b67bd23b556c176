//! What events say in words that are not the program's own: a server's, a row's, a person's.

use super::{
    check_results::CheckResult,
    event::{Event, StepCommitted},
    failure::Failure,
    restoration::{RemainingDifference, Restoration},
    run_outcome::Cause,
};

impl Event {
    /// Every text that may repeat what the database or somebody else said. Names, ids and digests are none of them: they are what the
    /// run goes on with.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Event::RunStarted(event) => event.restores.iter_mut().flat_map(|of| &mut of.steps).flat_map(of_step).collect(),
            Event::PreflightPassed(event) => event.warnings.iter_mut().collect(),
            Event::PreflightFailed(event) => of_failures(&mut event.failures),
            Event::BeforeChecksPassed(event)
            | Event::BeforeChecksFailed(event)
            | Event::AfterChecksPassed(event)
            | Event::AfterChecksFailed(event) => of_checks(&mut event.results),
            Event::BackupCompleted(event) => {
                let trial = event.trial.iter_mut().flat_map(|trial| trial.respelled.iter_mut().chain(&mut trial.unproven));
                trial.chain(of_checks(&mut event.unchanged)).collect()
            }
            Event::BackupFailed(event) => event.failure.texts_mut().collect(),
            Event::StepCommitted(event) => of_step(event),
            Event::StepFailed(event) => {
                let mut texts = of_checks(&mut event.checks);
                texts.extend(event.failure.texts_mut());
                texts
            }
            Event::UndoFailed(event) => event.failure.texts_mut().collect(),
            Event::UndoDiffers(event) => event.differences.iter_mut().collect(),
            Event::RestoreCompleted(event) => of_restoration(&mut event.restored),
            Event::RestoreFailed(event) => event.failure.texts_mut().collect(),
            Event::TransactionRolledBack(event) => {
                let mut texts = of_checks(&mut event.checks);
                texts.extend(of_cause(&mut event.cause));
                texts
            }
            Event::PlanAmended(event) => event.changes.iter_mut().collect(),
            Event::StepSettled(event) => std::iter::once(&mut event.reason).chain(&mut event.evidence).collect(),
            Event::RunAccepted(event) => vec![&mut event.reason],
            Event::RunAborted(event) => of_cause(&mut event.cause),
            Event::TransactionOpened(_)
            | Event::BackupStarted(_)
            | Event::StepStarted(_)
            | Event::BatchCommitted(_)
            | Event::UndoStarted(_)
            | Event::UndoCommitted(_)
            | Event::UndoVerified(_)
            | Event::RestoreStarted(_)
            | Event::RunInterrupted(_)
            | Event::RunResumed(_)
            | Event::RestoreRequested(_)
            | Event::RunSucceeded(_) => Vec::new(),
        }
    }
}

// Field by field, so that none is added without a thought of what it may say.

fn of_step(event: &mut StepCommitted) -> Vec<&mut String> {
    let StepCommitted { index: _, step: _, rows: _, changes, made: _, written: _, uncovered: _, checks } = event;
    changes.iter_mut().flat_map(|change| &mut change.what).chain(of_checks(checks)).collect()
}

fn of_restoration(restored: &mut Restoration) -> Vec<&mut String> {
    let Restoration {
        reloaded: _,
        untouched: _,
        dropped: _,
        recreated: _,
        respelled,
        refreshed: _,
        unanalyzed,
        proven: _,
        carried_over: _,
        quarantined: _,
        set_aside: _,
        curtailed: _,
        overwritten: _,
        remaining,
        uncovered: _,
        unpublished: _,
        slots: _,
        others,
    } = restored;
    let remaining = remaining.iter_mut().flat_map(|left| {
        let RemainingDifference { object: _, difference, reason, sqlstate: _, statements } = left;
        std::iter::once(difference).chain(reason).chain(statements)
    });
    respelled.iter_mut().chain(unanalyzed).chain(others).chain(remaining).collect()
}

fn of_failures(failures: &mut [Failure]) -> Vec<&mut String> {
    failures.iter_mut().flat_map(Failure::texts_mut).collect()
}

fn of_checks(checks: &mut [CheckResult]) -> Vec<&mut String> {
    checks.iter_mut().flat_map(CheckResult::texts_mut).collect()
}

fn of_cause(cause: &mut Cause) -> Vec<&mut String> {
    match cause {
        Cause::Preflight(failures) => of_failures(failures),
        Cause::Backup(failure) | Cause::Transaction(failure) | Cause::Step { failure, .. } => failure.texts_mut().collect(),
        Cause::Checks(_) | Cause::Interrupted(_) | Cause::Requested => Vec::new(),
    }
}
