//! What events say in words that are not the program's own: a server's, a row's, a person's.

use super::{check_results::CheckResult, event::Event, failure::Failure, run_outcome::Cause};

impl Event {
    /// Every text that may repeat what the database or somebody else said. Names, ids and digests are none of them: they are what the
    /// run goes on with.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Event::PreflightPassed(event) => event.warnings.iter_mut().collect(),
            Event::PreflightFailed(event) => of_failures(&mut event.failures),
            Event::BeforeChecksPassed(event)
            | Event::BeforeChecksFailed(event)
            | Event::AfterChecksPassed(event)
            | Event::AfterChecksFailed(event) => of_checks(&mut event.results),
            Event::BackupCompleted(event) => {
                event.trial.iter_mut().flat_map(|trial| trial.respelled.iter_mut().chain(&mut trial.unproven)).collect()
            }
            Event::BackupFailed(event) => event.failure.texts_mut().collect(),
            Event::StepCommitted(event) => of_checks(&mut event.checks),
            Event::StepFailed(event) => {
                let mut texts = of_checks(&mut event.checks);
                texts.extend(event.failure.texts_mut());
                texts
            }
            Event::UndoFailed(event) => event.failure.texts_mut().collect(),
            Event::UndoDiffers(event) => event.differences.iter_mut().collect(),
            Event::RestoreCompleted(event) => event.restored.respelled.iter_mut().collect(),
            Event::RestoreFailed(event) => event.failure.texts_mut().collect(),
            Event::TransactionRolledBack(event) => {
                let mut texts = of_checks(&mut event.checks);
                texts.extend(of_cause(&mut event.cause));
                texts
            }
            Event::StepSettled(event) => std::iter::once(&mut event.reason).chain(&mut event.evidence).collect(),
            Event::RunAccepted(event) => vec![&mut event.reason],
            Event::RunAborted(event) => of_cause(&mut event.cause),
            Event::RunStarted(_)
            | Event::TransactionOpened(_)
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
            | Event::PlanAmended(_)
            | Event::RunSucceeded(_) => Vec::new(),
        }
    }
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
