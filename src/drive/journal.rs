//! Storing and looking up: memory moves only after the journal has.

use std::time::Duration;

use super::{
    driven_run::DrivenRun,
    ended::DriveError,
    ports::{Clock, Executor, Interrupt, Observer, Recorded},
};
use crate::{
    machine::{Event, Failure, FailureClass, State, apply},
    plan::Transaction,
};

/// How often the journal is tried where its failures are transient.
pub(super) const JOURNAL_ATTEMPTS_MAX: u32 = 5;
/// Pause before the second attempt.
pub(super) const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// What became of storing an event.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storing {
    /// It is stored, or needs no storing, and memory has followed.
    Done,
    /// Something else had happened; memory knows now, and the next command is to be decided anew.
    Overtaken,
}

/// What the journal says of an effect whose reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JournalLookup {
    /// It is there, and memory has followed.
    Outcome,
    Nothing,
}

impl<W: Executor, C: Clock, O: Observer, I: Interrupt> DrivenRun<'_, W, C, O, I> {
    /// Stores an event and follows it. What leads to a rollback of the plan's one transaction is followed only: stored inside
    /// it would go with it.
    pub(super) async fn record(&mut self, event: Event) -> Result<Storing, DriveError> {
        let next = apply(&self.run.outline, self.run.state.clone(), &event)?;
        if matches!(next, State::RollingBack { .. }) && self.run.outline.transaction == Transaction::Plan {
            self.run.state = next;
            return Ok(Storing::Done);
        }
        match self.append(self.run.seq + 1, &event).await {
            Ok(recorded) => self.take(&recorded).map(|()| Storing::Done),
            Err(failure) if self.is_open => {
                self.run.lose_transaction(failure);
                Ok(Storing::Overtaken)
            }
            // Refused for good: an effect of ours may be there of which a late journal did not tell.
            Err(failure) => match self.look_up().await {
                Ok(JournalLookup::Outcome) => Ok(Storing::Overtaken),
                Err(taken_over @ DriveError::TakenOver { .. }) => Err(taken_over),
                Ok(JournalLookup::Nothing) | Err(_) => Err(DriveError::Journal(failure)),
            },
        }
    }

    /// Stores an event. Inside the plan's one transaction there is one attempt only: a lost connection has rolled it back.
    pub(super) async fn append(&mut self, seq: u64, event: &Event) -> Result<Recorded, Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.with.executor.append(seq, event).await {
                Ok(recorded) if recorded.seq == seq => return Ok(recorded),
                Ok(_) => stale_reply(),
                Err(failure) => failure,
            };
            if self.is_open || !self.is_worth_another(&failure, attempt) {
                return Err(failure);
            }
            attempt += 1;
            self.pause(RECONNECT_PAUSE, attempt, &failure).await;
        }
    }

    /// Follows a stored event.
    pub(super) fn take(&mut self, recorded: &Recorded) -> Result<(), DriveError> {
        self.run.follow(recorded.seq, &recorded.event)?;
        self.with.observer.stored(recorded);
        Ok(())
    }

    /// Asks the journal for the outcome of an effect whose reply was lost.
    ///
    /// Only outcomes that effects store themselves can be there without this runner knowing; any other event is another's.
    pub(super) async fn look_up(&mut self) -> Result<JournalLookup, DriveError> {
        let mut found = self.read_from(self.run.seq + 1).await.map_err(DriveError::Journal)?;
        found.retain(|recorded| recorded.seq > self.run.seq);
        found.sort_by_key(|recorded| recorded.seq);
        found.dedup();
        match found.as_slice() {
            [] => Ok(JournalLookup::Nothing),
            [outcome] if is_stored_by_effect(&outcome.event) => {
                let outcome = outcome.clone();
                self.take(&outcome).map(|()| JournalLookup::Outcome)
            }
            [outcome, other, ..] if is_stored_by_effect(&outcome.event) => {
                Err(DriveError::TakenOver { event: other.event.name() })
            }
            [other, ..] => Err(DriveError::TakenOver { event: other.event.name() }),
        }
    }

    async fn read_from(&mut self, seq: u64) -> Result<Vec<Recorded>, Failure> {
        let mut attempt = 1;
        loop {
            match self.with.executor.read_from(seq).await {
                Ok(found) => return Ok(found),
                Err(failure) if !self.is_worth_another(&failure, attempt) => return Err(failure),
                Err(failure) => {
                    attempt += 1;
                    self.pause(RECONNECT_PAUSE, attempt, &failure).await;
                }
            }
        }
    }

    fn is_worth_another(&self, failure: &Failure, attempt: u32) -> bool {
        failure.class == FailureClass::Transient && attempt < JOURNAL_ATTEMPTS_MAX && !self.with.executor.has_given_up()
    }
}

/// The answer to a request has the number of an earlier event.
pub(super) fn stale_reply() -> Failure {
    Failure::permanent("backstop::run::lost_reply", "the database's answer belongs to an earlier request")
        .class(FailureClass::Transient)
}

/// Whether effects store this event themselves, in their own transaction.
fn is_stored_by_effect(event: &Event) -> bool {
    match event {
        Event::BackupCompleted(_)
        | Event::StepCommitted(_)
        | Event::BatchCommitted(_)
        | Event::UndoCommitted(_)
        | Event::UndoVerified(_)
        | Event::RestoreCompleted(_)
        | Event::TransactionRolledBack(_)
        | Event::RunAccepted(_)
        | Event::RunSucceeded(_)
        | Event::RunAborted(_) => true,
        Event::RunStarted(_)
        | Event::PreflightPassed(_)
        | Event::PreflightFailed(_)
        | Event::TransactionOpened(_)
        | Event::BeforeChecksPassed(_)
        | Event::BeforeChecksFailed(_)
        | Event::BackupStarted(_)
        | Event::BackupFailed(_)
        | Event::StepStarted(_)
        | Event::StepFailed(_)
        | Event::AfterChecksPassed(_)
        | Event::AfterChecksFailed(_)
        | Event::UndoStarted(_)
        | Event::UndoFailed(_)
        | Event::UndoDiffers(_)
        | Event::RestoreStarted(_)
        | Event::RestoreFailed(_)
        | Event::RunInterrupted(_)
        | Event::RunResumed(_)
        | Event::RestoreRequested(_)
        | Event::PlanAmended(_)
        | Event::StepSettled(_) => false,
    }
}
