//! The run lock: one run a database.
//!
//! A session shows that it holds it by an advisory lock, so that it goes with the session whatever becomes of the runner. Any role
//! may take advisory locks; those of sessions whose role may not write the journal count for nothing, and the second half of the
//! key is chance, so that nobody is there before. That no two take it at the same time is seen to by a lock on a table of the
//! journal, which nobody else may lock, and which is held for a moment only: the lock's connection never sits in a transaction,
//! which would keep VACUUM from its work.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, error::SqlState};
use uuid::Uuid;

use super::{ownership, preflight::pooler, session};
use crate::{machine::Failure, postgres::error_class};

/// The first half of the lock's key: the bytes of "back". Advisory locks belong to a database.
pub const KEY: i32 = 0x6261_636b;
/// How long another one is waited for who takes the lock at this moment.
const MOMENT: &str = "500ms";
/// The query that names the holder.
pub const HOLDER: &str = include_str!("lock/holder.sql");

/// How often it is tried again where the lock is taken, and nobody is there who holds it: he takes it, or gives it back, at this moment.
const MOMENTS_MAX: usize = 10;

/// First pause between two tries.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1);

const FAILED: &str = "backstop::lock::failed";

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLockHolder {
    /// `pg_stat_activity.pid`
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
    /// How long ago the run's last sign of life was left.
    pub seen: Option<Duration>,
}

impl RunLockHolder {
    /// Whether it is still the same one.
    fn is(&self, other: &RunLockHolder) -> bool {
        (self.pid, &self.run) == (other.pid, &other.run)
    }
}

impl fmt::Display for RunLockHolder {
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
        match self.seen {
            Some(seen) => write!(f, ", last sign of life {} s ago", seen.as_secs()),
            None => Ok(()),
        }
    }
}

/// Why the lock was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockRefused {
    /// Someone else has it; none where it was given back at that very moment.
    Busy(Option<Box<RunLockHolder>>),
    /// It could not be asked for.
    Failed(Failure),
}

/// Takes the lock on this connection, trying again until the time is over, in a database that has a journal. `waiting` is told who
/// holds it, at the first try and whenever the holder changes.
///
/// # Errors
/// [`LockRefused`].
pub async fn acquire(client: &Client, wait: Duration, mut waiting: impl FnMut(&RunLockHolder)) -> Result<(), LockRefused> {
    prepare(client).await.map_err(LockRefused::Failed)?;
    let until = Instant::now() + wait;
    let mut pause = PAUSE_MIN;
    let (mut told, mut moments) = (None, 0);
    loop {
        if try_acquire(client).await.map_err(LockRefused::Failed)? {
            return Ok(());
        }
        let holder = holder(client).await.map_err(LockRefused::Failed)?;
        let left = until.saturating_duration_since(Instant::now());
        let passes = holder.is_none() && moments < MOMENTS_MAX;
        if left.is_zero() && !passes {
            return Err(LockRefused::Busy(holder.map(Box::new)));
        }
        if let Some(holder) = holder.filter(|holder| told.as_ref().is_none_or(|told: &RunLockHolder| !told.is(holder))) {
            waiting(&holder);
            told = Some(holder);
        }
        if passes {
            moments += 1;
            sleep(PAUSE_MIN).await;
            continue;
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
    client.execute("SELECT pg_advisory_unlock_all()", &[]).await.map_err(|error| error_class::failure(FAILED, &error))?;
    Ok(())
}

/// Who holds the lock now.
///
/// # Errors
/// `backstop::lock::failed`, with what the server said.
pub async fn holder(client: &Client) -> Result<Option<RunLockHolder>, Failure> {
    let failed = |error| error_class::failure(FAILED, &error);
    let row = client.query_opt(HOLDER, &[]).await.map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let pid = row.try_get(0).map_err(failed)?;
    let owner = owner(client, pid).await?;
    Ok(Some(RunLockHolder {
        pid,
        role: row.try_get(1).map_err(failed)?,
        application: row.try_get(2).map_err(failed)?,
        address: row.try_get(3).map_err(failed)?,
        connected_since: row.try_get(4).map_err(failed)?,
        seen: owner.as_ref().and_then(|owner| owner.seen),
        run: owner.map(|owner| owner.run),
    }))
}

struct Owner {
    run: (Uuid, String),
    seen: Option<Duration>,
}

/// What the journal says of the owner, unless that was another process; nothing where there is no journal, or this role may not
/// read it, which is no reason to fail. Journals of version 1 know neither process nor signs of life.
async fn owner(client: &Client, pid: i32) -> Result<Option<Owner>, Failure> {
    const READABLE: &str = "SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(o.oid, 'SELECT')
               AND has_table_privilege(r.oid, 'SELECT')
        FROM pg_catalog.pg_namespace AS n
        JOIN pg_catalog.pg_class AS o ON o.relnamespace = n.oid AND o.relname = 'owner'
        JOIN pg_catalog.pg_class AS r ON r.relnamespace = n.oid AND r.relname = 'runs'
        WHERE n.nspname = 'backstop'";
    const OWNER: &str = "SELECT o.run, r.plan,
               extract(epoch FROM clock_timestamp() - (to_jsonb(o) ->> 'seen')::timestamptz)::bigint
        FROM backstop.owner AS o JOIN backstop.runs AS r USING (run)
        WHERE coalesce((to_jsonb(o) ->> 'pid')::integer, $1) = $1";
    let failed = |error| error_class::failure(FAILED, &error);
    let readable = client.query_opt(READABLE, &[]).await.map_err(failed)?;
    if !readable.map(|row| row.try_get(0)).transpose().map_err(failed)?.unwrap_or(false) {
        return Ok(None);
    }
    ownership::refuse_foreign(client, &[ownership::JOURNAL]).await?;
    let Some(row) = client.query_opt(OWNER, &[&pid]).await.map_err(failed)? else { return Ok(None) };
    let seen: Option<i64> = row.try_get(2).map_err(failed)?;
    let seen = seen.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or_default()));
    Ok(Some(Owner { run: (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?), seen }))
}

/// Looks whether the lock is free, and takes it, while nobody else does.
async fn try_acquire(client: &Client) -> Result<bool, Failure> {
    let failed = |error| error_class::failure(FAILED, &error);
    // Who holds the table's lock for longer is somebody who has the run lock until his transaction ends.
    let begin = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '{MOMENT}'; \
         LOCK TABLE backstop.meta IN SHARE UPDATE EXCLUSIVE MODE"
    );
    let taken = match client.batch_execute(&begin).await {
        Ok(()) => take_while_alone(client).await,
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(None),
        Err(error) => Err(failed(error)),
    };
    // Nothing was written, and a lock of the session outlives its transaction.
    client.batch_execute("ROLLBACK").await.map_err(failed)?;
    match taken? {
        Some(holder) => is_still(client, holder).await.map(|()| true),
        None => Ok(false),
    }
}

/// Gives the process that has the lock now.
async fn take_while_alone(client: &Client) -> Result<Option<i32>, Failure> {
    const TAKE: &str =
        "SELECT CASE WHEN pg_try_advisory_lock($1, (random() * 2147483647)::integer) THEN pg_backend_pid() END";
    let failed = |error| error_class::failure(FAILED, &error);
    if client.query_opt(HOLDER, &[]).await.map_err(failed)?.is_some() {
        return Ok(None);
    }
    client.query_one(TAKE, &[&KEY]).await.and_then(|row| row.try_get(0)).map_err(failed)
}

/// Where the next statement comes to another process, a pooler hands its sessions around, and the lock must not stay with a session
/// that nobody knows.
async fn is_still(client: &Client, holder: i32) -> Result<(), Failure> {
    let now = client.query_one("SELECT pg_backend_pid()", &[]).await.and_then(|row| row.try_get::<_, i32>(0));
    if now.map_err(|error| error_class::failure(FAILED, &error))? == holder {
        return Ok(());
    }
    // Our own role's session, which ends with its lock; if even that fails, people must know of the pooler first.
    let _ = client.execute("SELECT pg_terminate_backend($1)", &[&holder]).await;
    Err(pooler::refusal(None))
}

/// The lock's connection stands idle for as long as the run takes: no timeout may end it, and a runner that has vanished must
/// not keep the lock for hours.
async fn prepare(client: &Client) -> Result<(), Failure> {
    client.batch_execute(session::FRESH).await.map_err(|error| error_class::failure(FAILED, &error))
}
