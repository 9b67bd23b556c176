//! Locks on tables, taken with short waits: whoever waits long for a strong lock makes everybody behind it wait too.

use std::time::Duration;

use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use super::{
    fault::{class, failure},
    jitter::jittered,
};
use crate::{
    machine::{Failure, FailureClass},
    sql::quote::{literal, qualified},
};

/// How long, and how often, a lock is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one attempt waits for the first table; for further ones it waits no longer than [`holding`] allows.
    pub wait: Duration,
    /// How often it is tried.
    pub attempts: u32,
    /// Pause before the second attempt; doubled before each further one, up to [`Patience::PAUSE_MAX`]. Half of it is left to
    /// chance.
    pub pause: Duration,
}

impl Patience {
    /// Longest pause between two attempts.
    pub const PAUSE_MAX: Duration = Duration::from_secs(4);

    /// The same with so many attempts more that they wait for this time in addition.
    pub fn extended(self, time: Duration) -> Self {
        let more = time.as_millis().div_ceil(self.wait.as_millis().max(1));
        Patience { attempts: self.attempts.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)), ..self }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Patience { wait: Duration::from_secs(2), attempts: 8, pause: Duration::from_millis(500) }
    }
}

/// How long all waits together may last of whoever holds a lock already. Less than the server's `deadlock_timeout`, by default a
/// second: an application that waits for what we hold and holds what we wait for is let go before the server looks for a deadlock,
/// whose victim it could be (<https://www.postgresql.org/docs/current/runtime-config-locks.html>).
const HOLDING_MAX: Duration = Duration::from_millis(500);
/// Shortest wait for one of many tables.
const HOLDING_MIN: Duration = Duration::from_millis(5);

/// How long each of so many locks may be waited for while others are held.
pub fn holding(locks: usize) -> Duration {
    (HOLDING_MAX / u32::try_from(locks.max(1)).unwrap_or(u32::MAX)).max(HOLDING_MIN)
}

/// The modes that are taken (<https://www.postgresql.org/docs/current/explicit-locking.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keeps others from altering or truncating the table.
    AccessShare,
    /// Keeps others from writing to it.
    ShareRowExclusive,
    /// Keeps others away.
    AccessExclusive,
}

impl Mode {
    fn sql(self) -> &'static str {
        match self {
            Mode::AccessShare => "ACCESS SHARE",
            Mode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Mode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// The modes that conflict with it, weakest first, as `pg_locks` names them.
    fn conflicts(self) -> &'static [&'static str] {
        const ALL: [&str; 8] = [
            "AccessShareLock",
            "RowShareLock",
            "RowExclusiveLock",
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock",
        ];
        match self {
            Mode::AccessShare => &ALL[7..],
            Mode::ShareRowExclusive => &ALL[2..],
            Mode::AccessExclusive => &ALL,
        }
    }
}

/// Locks the tables, given as schema and name, in the open transaction. A failed attempt leaves the transaction usable, and
/// without the locks; the next one begins with the table that could not be had, so that it is waited for while nothing is held.
/// It takes no snapshot unless it fails for good. The setting `lock_timeout` is as before afterwards.
///
/// # Errors
/// `backstop::table_lock::busy`, transient, with the sessions that are in the way; `backstop::table_lock::failed` with what
/// the server said.
pub async fn lock_tables(
    client: &Client,
    tables: &[(String, String)],
    mode: Mode,
    patience: Patience,
) -> Result<(), Failure> {
    if tables.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = tables.iter().map(|(schema, name)| qualified(schema, name)).collect();
    names.sort_unstable();
    let mut pause = patience.pause;
    for attempt in 1.. {
        let Err(missed) = try_once(client, &names, mode, patience.wait).await else {
            return Ok(());
        };
        if class(&missed.error) != FailureClass::Transient || client.is_closed() {
            return Err(failure("backstop::table_lock::failed", &missed.error));
        }
        if attempt >= patience.attempts {
            return Err(busy(client, &names, mode, attempt, &missed.error).await);
        }
        names[..=missed.table].rotate_right(1);
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(Patience::PAUSE_MAX);
    }
    Ok(())
}

/// Why an attempt failed.
struct Missed {
    /// At which of the tables.
    table: usize,
    error: Error,
}

/// All statements go out at once; of each table there is an answer of its own.
async fn try_once(client: &Client, names: &[String], mode: Mode, wait: Duration) -> Result<(), Missed> {
    let missed = |error| Missed { table: 0, error };
    // SHOW takes no snapshot, where a SELECT of the setting would.
    let before: String = client.query_one("SHOW lock_timeout", &[]).await.and_then(|row| row.try_get(0)).map_err(missed)?;
    let begin = format!("SAVEPOINT backstop_lock; SET LOCAL lock_timeout = {}", wait.as_millis());
    client.batch_execute(&begin).await.map_err(missed)?;
    let further = holding(names.len().saturating_sub(1)).min(wait).as_millis();
    let take: Vec<String> = names
        .iter()
        .map(|name| format!("LOCK TABLE ONLY {name} IN {} MODE; SET LOCAL lock_timeout = {further}", mode.sql()))
        .collect();
    let taken = join_all(take.iter().map(|take| client.batch_execute(take))).await;
    // Whatever comes after the first failure fails for that failure.
    let first = taken.into_iter().enumerate().find_map(|(table, taken)| taken.err().map(|error| Missed { table, error }));
    match first {
        None => {
            let end = format!("RELEASE SAVEPOINT backstop_lock; SET LOCAL lock_timeout = {}", literal(&before));
            client.batch_execute(&end).await.map_err(missed)
        }
        Some(first) => {
            let back = "ROLLBACK TO SAVEPOINT backstop_lock; RELEASE SAVEPOINT backstop_lock";
            client.batch_execute(back).await.map_err(missed)?;
            Err(first)
        }
    }
}

async fn busy(client: &Client, names: &[String], mode: Mode, attempts: u32, error: &Error) -> Failure {
    let blockers = client.query(include_str!("table_lock/blockers.sql"), &[&names, &mode.conflicts()]).await;
    let blockers: Vec<String> = blockers.unwrap_or_default().iter().filter_map(|row| row.try_get(0).ok()).collect();
    let tables = if names.len() == 1 { names[0].clone() } else { format!("one of {} tables", names.len()) };
    let mut failure = failure("backstop::table_lock::busy", error).class(FailureClass::Transient);
    failure.message = format!("{tables} is locked by someone else: no {} lock in {attempts} attempts", mode.sql());
    if !blockers.is_empty() {
        failure.detail = Some(blockers.join("\n"));
    }
    failure.hint(
        "Let the named sessions finish, or end them with SELECT pg_terminate_backend(PID), a prepared transaction with \
         ROLLBACK PREPARED, and try again.",
    )
}
