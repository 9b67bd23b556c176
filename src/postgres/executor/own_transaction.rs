//! The transaction in which an effect and its event are stored together, and what is told beside it.

use super::open::PostgresExecutor;
use crate::{
    drive::ports::{Fault, Recorded},
    machine::Failure,
    postgres::{
        error_class, journal,
        progress::SessionProgress,
        session::{FRESH, RESET},
        step::{Committed, commit},
        table_lock::Patience,
        transaction::{BEGIN, roll_back},
    },
};

pub(super) const NOT_STORED: &str = "backstop::run::not_committed";

impl PostgresExecutor {
    /// A transaction of the run's own, with settings of its own.
    pub(super) async fn begin(&self) -> Result<(), Failure> {
        let failed = |error| error_class::failure(NOT_STORED, &error);
        // Not in one message: its statements are one transaction, which begins as the session's last settings say.
        self.work.client().batch_execute(&format!("{RESET}; {FRESH}")).await.map_err(failed)?;
        self.work.client().batch_execute(BEGIN).await.map_err(failed)
    }

    /// Commits what was stored in the open transaction, or rolls it back.
    pub(super) async fn conclude(
        &mut self,
        stored: Result<(Recorded, String), Failure>,
    ) -> Result<Recorded, Fault<Failure>> {
        let (recorded, transaction) = match stored {
            Ok(stored) => stored,
            Err(failure) => {
                roll_back(self.work.client()).await;
                return Err(Fault::Failed(failure));
            }
        };
        match commit(self.work.client()).await {
            Committed::Yes => Ok(recorded),
            Committed::No(failure) => Err(Fault::Failed(failure)),
            Committed::InDoubt(failure) => {
                self.reach.doubt = Some(transaction);
                Err(Fault::InDoubt(failure))
            }
        }
    }

    /// Work beside the run that failed: the run goes on, and people are told, now and by `backstop show`.
    pub(super) async fn trouble<T>(&self, what: &str, done: Result<T, Failure>) {
        if let Err(failure) = done {
            let message = format!("{what}: {}", failure.message);
            self.tell_of(Some(Failure { message, ..failure })).await;
        }
    }

    pub(super) async fn tell_of(&self, failure: Option<Failure>) {
        let Some(failure) = failure else { return };
        let kept = journal::warn(&self.observer.client, self.claim.run, &failure).await;
        (self.opening.tell)(SessionProgress::Trouble(Box::new(failure)));
        if let Err(lost) = kept {
            (self.opening.tell)(SessionProgress::Trouble(Box::new(lost)));
        }
    }

    pub(super) fn or_interrupted(&self, failure: Failure) -> Failure {
        self.opening.interruption.failure().unwrap_or(failure)
    }

    /// How long tables are waited for.
    pub(super) fn patience(&self) -> Patience {
        let patience = Patience::default();
        self.blocker_termination
            .as_ref()
            .map_or(patience, |blocker_termination| patience.extended(blocker_termination.after()))
    }
}
