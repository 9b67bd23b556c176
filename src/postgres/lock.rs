//! The run lock: one run a database.
//!
//! It is a session advisory lock, so that it goes with the session whatever becomes of the runner. Its connection never sits
//! in a transaction: that would make `CREATE INDEX CONCURRENTLY` wait for ever.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use uuid::Uuid;

use super::journal::is_installed;
use crate::{machine::Failure, postgres::fault};

/// The key of the lock: the bytes of "backstop". Advisory locks belong to a database, so that it needs no more.
pub const KEY: i64 = 0x6261_636b_7374_6f70;

/// First pause between two tries.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1);

const FAILED: &str = "backstop::lock::failed";

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The server's process.
    pub pid: i32,
    /// The role; none where the server hides it.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// Where it comes from; none for a local socket.
    pub address: Option<String>,
    /// Since when it is connected.
    pub connected_since: Option<String>,
    /// What the journal's owner row says: run and plan.
    pub run: Option<(Uuid, String)>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((run, plan)) = &self.run {
            write!(f, "run {run} of plan {plan}, ")?;
        }
        write!(f, "pid {}", self.pid)?;
        for (word, value) in [
            (" as role ", &self.role),
            (" from ", &self.address),
            (", application ", &self.application),
            (", connected since ", &self.connected_since),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                write!(f, "{word}{value}")?;
            }
        }
        Ok(())
    }
}

/// Why the lock was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Someone else has it; none where it was given back at that very moment.
    Busy(Option<Box<Holder>>),
    /// It could not be asked for.
    Failed(Failure),
}

/// Takes the lock on this connection, trying again until the time is over. `waiting` is told who holds it, at the first try
/// and whenever the holder changes.
///
/// # Errors
/// [`Refused`].
pub async fn acquire(client: &Client, wait: Duration, mut waiting: impl FnMut(&Holder)) -> Result<(), Refused> {
    prepare(client).await.map_err(Refused::Failed)?;
    let until = Instant::now() + wait;
    let mut pause = PAUSE_MIN;
    let mut told = None;
    loop {
        if try_acquire(client).await.map_err(Refused::Failed)? {
            return Ok(());
        }
        let holder = holder(client).await.map_err(Refused::Failed)?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Refused::Busy(holder.map(Box::new)));
        }
        if let Some(holder) = holder.filter(|holder| told.as_ref() != Some(holder)) {
            waiting(&holder);
            told = Some(holder);
        }
        sleep(pause.min(left)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Gives the lock back.
///
/// # Errors
/// When the connection is gone; then so is the lock.
pub async fn release(client: &Client) -> Result<(), Failure> {
    client.execute("SELECT pg_advisory_unlock($1)", &[&KEY]).await.map_err(|error| fault::failure(FAILED, &error))?;
    Ok(())
}

/// Who holds the lock now.
///
/// # Errors
/// What the server said.
pub async fn holder(client: &Client) -> Result<Option<Holder>, Failure> {
    let failed = |error| fault::failure(FAILED, &error);
    let row = client.query_opt(include_str!("lock/holder.sql"), &[&KEY]).await.map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Holder {
        pid: row.get(0),
        role: row.get(1),
        application: row.get(2),
        address: row.get(3),
        connected_since: row.get(4),
        run: owner(client).await,
    }))
}

/// What the journal says of the owner; nothing where there is no journal or it may not be read, which is no reason to fail.
async fn owner(client: &Client) -> Option<(Uuid, String)> {
    if !is_installed(client).await.unwrap_or(false) {
        return None;
    }
    let sql = "SELECT o.run, r.plan FROM backstop.owner AS o JOIN backstop.runs AS r USING (run)";
    let row = client.query_opt(sql, &[]).await.ok()??;
    Some((row.get(0), row.get(1)))
}

async fn try_acquire(client: &Client) -> Result<bool, Failure> {
    let row = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&KEY])
        .await
        .map_err(|error| fault::failure(FAILED, &error))?;
    Ok(row.get(0))
}

/// The lock's connection stands idle for as long as the run takes: no timeout may end it. Servers before 14 have no
/// `idle_session_timeout`.
async fn prepare(client: &Client) -> Result<(), Failure> {
    client
        .batch_execute(
            "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings
             WHERE name IN ('idle_session_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')",
        )
        .await
        .map_err(|error| fault::failure(FAILED, &error))
}
