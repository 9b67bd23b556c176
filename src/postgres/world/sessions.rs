//! The world's sessions: looked after, opened again.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;

use super::open::{PlanTransaction, PostgresWorld};
use crate::{
    machine::{Failure, FailureClass},
    postgres::{
        connection::{Connection, connect},
        fault,
        journal::{self, Fence},
        lock::{self, Refused},
        progress::Watch,
        session::application_name,
    },
};

/// Pause between two attempts to connect.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How long the run lock is waited for when its session was lost: the server may not have noticed yet.
const LOCK_AGAIN_WITHIN: Duration = Duration::from_secs(10);
/// How long a transaction whose COMMIT was on its way is waited for.
const DOUBT_WITHIN: Duration = Duration::from_secs(60);
/// Pause between two looks at it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

impl PostgresWorld {
    /// Opens again what was lost. A lost session takes the plan's one transaction with it.
    pub(super) async fn ensure(&mut self) -> Result<(), Failure> {
        if self.work.is_closed() {
            if self.transaction == PlanTransaction::Open {
                return Err(lost_transaction());
            }
            self.work = self.connect().await?;
            self.memory.forget();
            let lost = std::mem::replace(&mut self.pid, pid(&self.work.client).await?);
            self.end_lost(lost).await?;
        }
        if self.observer.is_closed() {
            self.observer = self.connect().await?;
        }
        if self.lock.is_closed() {
            let connection = self.connect().await?;
            lock::acquire(&connection.client, LOCK_AGAIN_WITHIN, |_| {}).await.map_err(|refused| match refused {
                Refused::Failed(failure) => failure,
                Refused::Busy(holder) => lost_lock(holder.map(|holder| holder.to_string())),
            })?;
            self.lock = connection;
            journal::check(&self.observer.client, self.claim, Fence::Look).await?;
        }
        self.resolve_doubt().await
    }

    /// Where only the way to the server was cut, the old session goes on there and keeps its locks.
    async fn end_lost(&self, pid: i32) -> Result<(), Failure> {
        const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
            WHERE pid = $1 AND usename = current_user AND datname = current_database() AND application_name LIKE 'backstop %'";
        let ended = self.work.client.execute(END, &[&pid]).await;
        ended.map(drop).map_err(|error| fault::failure("backstop::run::no_session", &error))
    }

    /// Waits until the server knows what became of a COMMIT whose reply was lost. Only then the journal tells.
    async fn resolve_doubt(&mut self) -> Result<(), Failure> {
        let Some(transaction) = self.doubt.clone() else { return Ok(()) };
        let until = Instant::now() + DOUBT_WITHIN;
        loop {
            let row = self.observer.client.query_one("SELECT pg_xact_status($1::text::xid8)", &[&transaction]).await;
            let row = row.map_err(|error| fault::failure("backstop::run::doubtful", &error))?;
            if row.get::<_, Option<&str>>(0) != Some("in progress") {
                self.doubt = None;
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(Failure::permanent(
                    "backstop::run::doubtful",
                    format!("transaction {transaction} is neither committed nor rolled back yet"),
                )
                .class(FailureClass::Unknown)
                .hint("Look in pg_stat_activity at the session that it belongs to; `resume` when it is gone."));
            }
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let until = Instant::now() + self.opening.reconnect;
        loop {
            match connect(&self.opening.options, &application_name(&self.opening.plan, None)).await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    let failure = Failure::from(error);
                    if failure.class != FailureClass::Transient || Instant::now() >= until {
                        return Err(failure);
                    }
                }
            }
            sleep(CONNECT_AGAIN_AFTER).await;
        }
    }

    pub(super) fn watch(&self, lock_timeout: Duration) -> Watch<'_> {
        Watch {
            observer: &self.observer.client,
            server_version: self.server_version,
            pid: self.pid,
            lock_timeout,
            tell: &*self.opening.tell,
        }
    }
}

/// The process behind a session.
pub(super) async fn pid(client: &Client) -> Result<i32, Failure> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
    row.map(|row| row.get(0)).map_err(|error| fault::failure("backstop::run::no_session", &error))
}

fn lost_transaction() -> Failure {
    Failure::permanent("backstop::run::transaction_lost", "the connection was lost, and the plan's transaction with it")
        .class(FailureClass::Transient)
}

fn lost_lock(holder: Option<String>) -> Failure {
    let failure = Failure::permanent("backstop::journal::taken_over", "the run lock was lost, and another run has it now")
        .hint("Leave the other runner alone; look with `backstop status`.");
    match holder {
        Some(holder) => failure.detail(holder),
        None => failure,
    }
}
