//! The run lock without a run, for operations that must not meet one.

use tokio_postgres::Client;

use super::{
    database::DatabaseAccess,
    problem::{OperationProblem, ProblemKind},
    run_context::RunOptions,
    watcher::{OperationNotice, Watcher},
};
use crate::postgres::{
    connection::{CancelHandle, Connection},
    journal, lock, preflight, session,
};

/// The run lock without a run, held for as long as this lives, on a database that has a journal.
pub struct Lock {
    connection: Connection,
}

impl Lock {
    /// Makes the journal where it is missing, takes the lock, and brings an older journal forward.
    ///
    /// # Errors
    /// That somebody else holds it, and what is wrong with the server or the role.
    pub async fn take(
        database: &DatabaseAccess,
        options: &RunOptions,
        watcher: &mut dyn Watcher,
    ) -> Result<Self, OperationProblem> {
        let connection = database.connect_within(options.reconnect, watcher).await?;
        let other = database.connect_within(options.reconnect, watcher).await?;
        preflight::refuse_pooler(&[&connection.client, &other.client]).await.map_err(OperationProblem::unreadable)?;
        drop(other);
        session::begin(&connection).await.map_err(OperationProblem::unreadable)?;
        let failures = preflight::server(&connection.client).await.map_err(OperationProblem::unreadable)?.failures();
        if !failures.is_empty() {
            return Err(OperationProblem::failures(ProblemKind::Aborted, failures));
        }
        journal::make(&connection.client).await.map_err(OperationProblem::unreadable)?;
        // That it could not be told is no reason not to wait.
        let waiting = |holder: &_| drop(watcher.notice(OperationNotice::LockHeld(holder)));
        lock::acquire(&connection.client, options.lock_wait, waiting).await?;
        journal::install(&connection.client).await.map_err(OperationProblem::unreadable)?;
        Ok(Lock { connection })
    }

    /// The lock's session, for short statements.
    pub fn client(&self) -> &Client {
        &self.connection.client
    }

    /// What cancels the statement that runs in that session.
    pub fn cancel(&self) -> CancelHandle {
        self.connection.cancel()
    }

    /// Gives the lock back, so that whoever comes right after this finds it free: the server takes a moment to see that a session has
    /// gone. Where this fails the session is gone, and the lock with it.
    pub async fn release(self) {
        let _ = lock::release(&self.connection.client).await;
    }
}
