//! A world: opened for one run.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use uuid::Uuid;

use super::batches::Course;
use crate::{
    machine::Failure,
    plan::{PlanName, Sequences},
    postgres::{
        backup::Manifest,
        capture::Memory,
        connection::{ConnectError, ConnectOptions, Connection, connect},
        interrupt::Interruption,
        journal::{self, Claim},
        lock::{self, Holder, Refused},
        preflight::{is_pooled, pooler, server},
        progress::Sight,
        session::application_name,
        step::{Leftovers, end_leftovers},
    },
};

/// Who is told what is seen of the session that works.
pub type Tell = Arc<dyn Fn(Sight) + Send + Sync>;

/// What a world is opened with.
#[derive(Clone)]
pub struct Opening {
    /// Where to.
    pub options: ConnectOptions,
    /// The run's plan.
    pub plan: PlanName,
    /// The run: a new one, or one that is to go on.
    pub run: Uuid,
    /// How long the run lock is waited for.
    pub lock_wait: Duration,
    /// How long a lost connection is tried again, for each effect; zero is a single attempt.
    pub reconnect: Duration,
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

/// Why a world could not be opened; nothing was changed.
#[derive(Debug, Clone)]
pub enum OpenError {
    /// No connection.
    Connect(Box<ConnectError>),
    /// Another run holds the lock; none where it was given back at that very moment.
    Busy(Option<Box<Holder>>),
    /// The server, or the role, is none that a run can be made with.
    Refused(Vec<Failure>),
}

/// A database, with the right to write for one run.
pub struct PostgresWorld {
    pub(super) opening: Opening,
    pub(super) claim: Claim,
    pub(super) server_version: u32,
    pub(super) lock: Connection,
    pub(super) work: Connection,
    pub(super) observer: Connection,
    /// What the session that works keeps from one catalog snapshot to the next.
    pub(super) memory: Memory,
    /// The process behind the session that works.
    pub(super) pid: i32,
    /// Whether the plan's one transaction is open in the session that works.
    pub(super) transaction: PlanTransaction,
    /// A transaction whose COMMIT was on its way when the connection was lost.
    pub(super) doubt: Option<String>,
    /// The run's backup, once it was read.
    pub(super) backup: Option<Manifest>,
    /// The step that is gone through in batches.
    pub(super) course: Option<Course>,
}

/// The plan's one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlanTransaction {
    Closed,
    Open,
}

impl PostgresWorld {
    /// Connects, takes the run lock, ends what a dead runner has left, brings the journal up to date, and claims it for the
    /// run. `waiting` is told who holds the lock.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed then, but that the journal may be installed.
    pub async fn open(opening: Opening, waiting: impl FnMut(&Holder)) -> Result<Self, OpenError> {
        let name = application_name(&opening.plan, None);
        let lock = connect(&opening.options, &name).await?;
        let work = connect(&opening.options, &name).await?;
        let observer = connect(&opening.options, &name).await?;
        let server = server(&work.client).await?;
        let mut refused = server.failures();
        if refused.is_empty() && is_pooled(&lock.client, &work.client).await? {
            refused.push(pooler());
        }
        if !refused.is_empty() {
            return Err(OpenError::Refused(refused));
        }
        lock::acquire(&lock.client, opening.lock_wait, waiting).await.map_err(|refused| match refused {
            Refused::Busy(holder) => OpenError::Busy(holder),
            Refused::Failed(failure) => failure.into(),
        })?;
        journal::install(&work.client).await?;
        let claim = journal::claim(&work.client, opening.run, &name).await?;
        end_leftovers(&work.client, Leftovers::All).await?;
        let pid = super::sessions::pid(&work.client).await?;
        let (transaction, doubt, backup, course) = (PlanTransaction::Closed, None, None, None);
        let (server_version, memory) = (server.version, Memory::default());
        Ok(PostgresWorld {
            opening,
            claim,
            server_version,
            lock,
            work,
            observer,
            memory,
            pid,
            transaction,
            doubt,
            backup,
            course,
        })
    }

    /// The session that works: for what people ask beside the run.
    pub fn session(&self) -> &Connection {
        &self.work
    }

    /// Gives the run lock back.
    ///
    /// # Errors
    /// When the connection is gone; then so is the lock.
    pub async fn close(self) -> Result<(), Failure> {
        lock::release(&self.lock.client).await
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
