//! An executor: opened for one run.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    batched_step::BatchedStep,
    identity::Identity,
    sessions::{LockSession, Reconnection, WorkSession},
};
use crate::{
    drive::manifest::Manifest,
    machine::Failure,
    plan::{PlanName, Sequences},
    postgres::{
        backup::Store,
        connection::{ConnectError, ConnectOptions, Connection, connect_within},
        interrupt::Interruption,
        journal::{self, Claim},
        later_writes::LaterWrites,
        lock::{self, LockRefused, RunLockHolder},
        preflight::{refuse_pooler, server},
        progress::{BlockerTermination, SessionProgress, Tell},
        search_path::PlanPath,
        session::{application_name, begin, begin_looking},
        step::{Leftovers, end_leftovers},
    },
};

/// What an executor is opened with.
#[derive(Clone)]
pub struct ExecutorOptions {
    /// Where to.
    pub options: ConnectOptions,
    /// Where backups are kept.
    pub backups: Arc<Store>,
    /// The run's plan.
    pub plan: PlanName,
    /// The run: a new one, or one that is to go on.
    pub run: Uuid,
    /// How long the run lock is waited for.
    pub lock_wait: Duration,
    /// How long a server is waited for at the beginning, and a lost connection is tried again, from its loss on; zero is a single
    /// attempt.
    pub reconnect: Duration,
    /// How long sessions may keep the run waiting for a lock before they are ended; none leaves them alone.
    pub terminate_blockers_after: Option<Duration>,
    /// How many sessions copy side by side.
    pub workers: NonZeroUsize,
    /// How many backups of the plan stay when the run ends well.
    pub keep: u32,
    /// Whether sequences may move backwards in a restore.
    pub sequences: Sequences,
    /// Whether somebody wants the run to stop.
    pub interruption: Interruption,
    /// Who is told of progress.
    pub tell: Tell,
}

/// Why an executor could not be opened; nothing was changed.
#[derive(Debug, Clone)]
pub enum OpenError {
    /// No connection.
    Connect(Box<ConnectError>),
    /// Another run holds the lock; none where it was given back at that very moment.
    Busy(Option<Box<RunLockHolder>>),
    /// The server, or the role, is none that a run can be made with.
    Refused(Vec<Failure>),
}

/// A database, with the right to write for one run.
pub struct PostgresExecutor {
    pub(super) opening: ExecutorOptions,
    pub(super) claim: Claim,
    pub(super) server_version: u32,
    pub(super) lock: LockSession,
    pub(super) work: WorkSession,
    /// Looks on.
    pub(super) observer: Connection,
    pub(super) reach: Reconnection,
    /// Where names in the SQL of the run's plan are looked up, once the plan was seen.
    pub(super) path: PlanPath,
    /// Whether the plan's one transaction is open in the session that works.
    pub(super) transaction: PlanTransaction,
    /// The run's backup, once it was read.
    pub(super) backup: Option<Manifest>,
    /// What a restore does with writes of others that were noted.
    pub(super) later_writes: LaterWrites,
    /// What ends sessions that are in the way, if anything does.
    pub(super) blocker_termination: Option<BlockerTermination>,
    /// The step that is gone through in batches.
    pub(super) course: Option<BatchedStep>,
}

/// The plan's one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlanTransaction {
    Closed,
    Open,
}

impl PostgresExecutor {
    /// Connects, takes the run lock, ends what a dead runner has left, brings the journal up to date, and claims it for the
    /// run. `waiting` is told who holds the lock.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed then, but that the journal may be installed.
    pub async fn open(opening: ExecutorOptions, waiting: impl FnMut(&RunLockHolder)) -> Result<Self, OpenError> {
        let name = application_name(&opening.plan, None);
        let tell = |error: &ConnectError, left| (opening.tell)(SessionProgress::OutOfReach { why: error.to_string(), left });
        let lock = connect_within(&opening.options, &name, opening.reconnect, tell).await?;
        let work = connect_within(&opening.options, &name, opening.reconnect, tell).await?;
        let observer = connect_within(&opening.options, &name, opening.reconnect, tell).await?;
        refuse_pooler(&[&lock.client, &work.client, &observer.client]).await?;
        let server = server(&work.client).await?;
        let refused = server.failures();
        if !refused.is_empty() {
            return Err(OpenError::Refused(refused));
        }
        let blocker_termination = match opening.terminate_blockers_after {
            Some(after) => Some(BlockerTermination::allowed(&observer.client, after).await?),
            None => None,
        };
        begin(&lock).await?;
        begin(&work).await?;
        begin_looking(&observer).await?;
        journal::make(&work.client).await?;
        lock::acquire(&lock.client, opening.lock_wait, waiting).await.map_err(|refused| match refused {
            LockRefused::Busy(holder) => OpenError::Busy(holder),
            LockRefused::Failed(failure) => failure.into(),
        })?;
        journal::install(&work.client).await?;
        let claim = journal::claim(&work.client, opening.run, &name).await?;
        let lock = LockSession::of(lock, claim, &opening.tell).await?;
        end_leftovers(&work.client, Leftovers::All).await?;
        let work = WorkSession::of(work).await?;
        let reach = Reconnection::of(Identity::of(&observer.client).await?);
        Ok(PostgresExecutor {
            opening,
            claim,
            server_version: server.version,
            lock,
            work,
            observer,
            reach,
            path: PlanPath::default(),
            transaction: PlanTransaction::Closed,
            backup: None,
            later_writes: LaterWrites::default(),
            blocker_termination,
            course: None,
        })
    }

    /// A person has decided what a restore does with writes of others that were noted since the backup.
    pub fn decide(&mut self, later_writes: LaterWrites) {
        self.later_writes = later_writes;
    }

    /// The session that works: for what people ask beside the run.
    pub fn session(&self) -> &Connection {
        &self.work.connection
    }

    /// Gives the run lock back.
    ///
    /// # Errors
    /// When the connection is gone; then so is the lock.
    pub async fn close(self) -> Result<(), Failure> {
        self.lock.release().await
    }
}

impl From<ConnectError> for OpenError {
    fn from(error: ConnectError) -> Self {
        OpenError::Connect(Box::new(error))
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        OpenError::Refused(vec![failure])
    }
}
