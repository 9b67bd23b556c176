//! An executor: opened for one run.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use super::{batches::Course, heartbeat::Heartbeat, identity::Identity};

use crate::{
    machine::Failure,
    plan::{PlanName, Sequences},
    postgres::{
        backup::Manifest,
        capture::Memory,
        connection::{ConnectError, ConnectOptions, Connection, connect_within},
        interrupt::Interruption,
        journal::{self, Claim},
        later_writes::LaterWrites,
        lock::{self, Holder, Refused},
        preflight::{refuse_pooler, server},
        progress::{BlockerTermination, Sight},
        search_path::PlanPath,
        session::{application_name, begin, begin_looking},
        step::{Leftovers, end_leftovers},
    },
};

/// Who is told what is seen of the session that works.
pub type Tell = Arc<dyn Fn(Sight) + Send + Sync>;

/// What an executor is opened with.
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
    Busy(Option<Box<Holder>>),
    /// The server, or the role, is none that a run can be made with.
    Refused(Vec<Failure>),
}

/// A database, with the right to write for one run.
pub struct PostgresExecutor {
    pub(super) opening: Opening,
    pub(super) claim: Claim,
    pub(super) server_version: u32,
    pub(super) lock: Arc<Connection>,
    /// Ends before the lock does.
    pub(super) heartbeat: Heartbeat,
    /// The process behind the session that holds the lock.
    pub(super) lock_pid: i32,
    pub(super) work: Connection,
    pub(super) observer: Connection,
    /// Where names in the SQL of the run's plan are looked up, once the plan was seen.
    pub(super) path: PlanPath,
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
    /// What a restore does with writes of others that were noted.
    pub(super) later_writes: LaterWrites,
    /// By what the database is known again.
    pub(super) identity: Identity,
    /// The last event of the run that is known to be durable.
    pub(super) known: u64,
    /// Since when the server can't be reached.
    pub(super) lost_since: Option<Instant>,
    /// Why it is hardly tried any more.
    pub(super) given_up: Option<GivenUp>,
    /// What ends sessions that are in the way, if anything does.
    pub(super) blocker_termination: Option<BlockerTermination>,
    /// The step that is gone through in batches.
    pub(super) course: Option<Course>,
}

/// Why a server that is out of reach is hardly tried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// It was away for as long as the run was to wait.
    OutOfTime,
    /// Somebody wants the run to stop.
    Stopped,
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
    pub async fn open(opening: Opening, waiting: impl FnMut(&Holder)) -> Result<Self, OpenError> {
        let name = application_name(&opening.plan, None);
        let tell = |error: &ConnectError, left| (opening.tell)(Sight::OutOfReach { why: error.to_string(), left });
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
            Refused::Busy(holder) => OpenError::Busy(holder),
            Refused::Failed(failure) => failure.into(),
        })?;
        journal::install(&work.client).await?;
        let claim = journal::claim(&work.client, opening.run, &name).await?;
        let lock = Arc::new(lock);
        let heartbeat = Heartbeat::begin(&lock, claim, &opening.tell);
        end_leftovers(&work.client, Leftovers::All).await?;
        let pid = super::sessions::pid(&work.client).await?;
        let lock_pid = super::sessions::pid(&lock.client).await?;
        let identity = Identity::of(&observer.client).await?;
        Ok(PostgresExecutor {
            opening,
            claim,
            server_version: server.version,
            lock,
            heartbeat,
            lock_pid,
            work,
            observer,
            path: PlanPath::default(),
            memory: Memory::default(),
            pid,
            transaction: PlanTransaction::Closed,
            doubt: None,
            backup: None,
            identity,
            known: 0,
            lost_since: None,
            given_up: None,
            blocker_termination,
            later_writes: LaterWrites::default(),
            course: None,
        })
    }

    /// A person has decided what a restore does with writes of others that were noted since the backup.
    pub fn decide(&mut self, later_writes: LaterWrites) {
        self.later_writes = later_writes;
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
        let PostgresExecutor { lock, heartbeat, .. } = self;
        drop(heartbeat);
        lock::release(&lock.client).await
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
