//! The executor's sessions, and how they are known again.

use std::sync::Arc;

use tokio::time::Instant;
use tokio_postgres::Client;

use super::{heartbeat::Heartbeat, identity::Identity};
use crate::{
    machine::Failure,
    postgres::{capture::Memory, connection::Connection, error_class, journal::Claim, lock, progress::Tell},
};

/// The session that holds the run lock, and never sits in a transaction.
pub(super) struct LockSession {
    heartbeat: Heartbeat,
    pub(super) connection: Arc<Connection>,
    /// The process behind it.
    pub(super) pid: i32,
}

impl LockSession {
    /// Signs of life are left in it from now on.
    pub(super) async fn of(connection: Connection, claim: Claim, tell: &Tell) -> Result<Self, Failure> {
        let (pid, connection) = (pid(&connection.client).await?, Arc::new(connection));
        Ok(LockSession { heartbeat: Heartbeat::begin(&connection, claim, tell), connection, pid })
    }

    /// Gives the lock back.
    pub(super) async fn release(self) -> Result<(), Failure> {
        let LockSession { heartbeat, connection, .. } = self;
        drop(heartbeat);
        lock::release(&connection.client).await
    }
}

/// The session that works and writes the journal.
pub(super) struct WorkSession {
    pub(super) connection: Connection,
    /// What it keeps from one catalog snapshot to the next.
    pub(super) memory: Arc<Memory>,
    /// The process behind it.
    pub(super) pid: i32,
}

impl WorkSession {
    pub(super) async fn of(connection: Connection) -> Result<Self, Failure> {
        let pid = pid(&connection.client).await?;
        Ok(WorkSession { connection, memory: Arc::default(), pid })
    }

    pub(super) fn client(&self) -> &Client {
        &self.connection.client
    }
}

/// How the database is known and reached again when its sessions are lost.
pub(super) struct Reconnection {
    /// By what it is known again.
    pub(super) identity: Identity,
    /// The last event of the run that is known to be durable.
    pub(super) known: u64,
    /// A transaction whose COMMIT was on its way when the connection was lost.
    pub(super) doubt: Option<String>,
    /// Since when it can't be reached.
    pub(super) lost_since: Option<Instant>,
    /// Why it is hardly tried any more.
    pub(super) given_up: Option<GivenUp>,
}

impl Reconnection {
    pub(super) fn of(identity: Identity) -> Self {
        Reconnection { identity, known: 0, doubt: None, lost_since: None, given_up: None }
    }
}

/// Why a server that is out of reach is hardly tried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// It was away for as long as the run was to wait.
    OutOfTime,
    /// Somebody wants the run to stop.
    Stopped,
}

/// The process behind a session.
async fn pid(client: &Client) -> Result<i32, Failure> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| error_class::failure("backstop::run::no_session", &error))
}
