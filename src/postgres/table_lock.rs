//! Locks on tables, taken with short waits: whoever waits long for a strong lock makes everybody behind it wait too.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use super::{
    error_class::{class, failure},
    interrupt,
    jitter::jittered,
};
use crate::{
    machine::{Failure, FailureClass},
    secrets,
    sql::quote::{ident, literal, qualified},
};

/// How long, and how often, a lock is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one attempt waits for the first table; for further ones it waits no longer than [`holding`] allows.
    pub wait: Duration,
    /// How often it is tried at least; more often where attempts ended before this many waits were over.
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
/// Shortest wait for one of many tables; beyond a hundred tables all of which are waited for, the sum is longer.
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

/// Something to lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockable {
    relation: String,
    /// Of a view or materialized view.
    owner: Option<String>,
}

impl Lockable {
    /// A table, without those below it.
    pub fn table(schema: &str, name: &str) -> Self {
        Lockable { relation: qualified(schema, name), owner: None }
    }

    /// A view or materialized view that we own, whoever of our roles its owner is: locked in the strongest mode always.
    pub fn view(schema: &str, name: &str, owner: &str) -> Self {
        Lockable { relation: qualified(schema, name), owner: Some(owner.to_owned()) }
    }

    /// `LOCK TABLE` takes no materialized view, and of a view all that it reads, with the rights of the view's owner. Making the
    /// owner its owner changes nothing, and takes the lock.
    fn statement(&self, mode: Mode) -> String {
        match &self.owner {
            None => format!("LOCK TABLE ONLY {} IN {} MODE", self.relation, mode.sql()),
            Some(owner) => format!("ALTER TABLE {} OWNER TO {}", self.relation, ident(owner)),
        }
    }
}

/// Locks the tables, given as schema and name, in one order for everybody.
///
/// # Errors
/// As [`lock`].
pub async fn lock_tables(
    client: &Client,
    tables: &[(String, String)],
    mode: Mode,
    patience: Patience,
) -> Result<(), Failure> {
    let mut tables = tables.to_vec();
    tables.sort_unstable();
    let tables: Vec<Lockable> = tables.iter().map(|(schema, name)| Lockable::table(schema, name)).collect();
    lock(client, tables, mode, patience).await
}

/// Locks everything, in this order, in the open transaction. A failed attempt leaves the transaction usable, and without the
/// locks; the next one begins with what could not be had, so that it is waited for while nothing is held. It takes no snapshot
/// unless it fails for good. The setting `lock_timeout` is as before afterwards.
///
/// # Errors
/// `backstop::table_lock::busy`, transient, with the sessions that are in the way; `backstop::table_lock::failed` with what
/// the server said.
pub async fn lock(client: &Client, mut what: Vec<Lockable>, mode: Mode, patience: Patience) -> Result<(), Failure> {
    if what.is_empty() {
        return Ok(());
    }
    let mut pause = patience.pause;
    // An attempt that fails at a later table has waited for a moment only.
    let until = Instant::now() + patience.wait.saturating_mul(patience.attempts);
    for attempt in 1.. {
        let Err(missed) = try_once(client, &what, mode, patience.wait).await else {
            return Ok(());
        };
        if class(&missed.error) != FailureClass::Transient || client.is_closed() {
            return Err(failure("backstop::table_lock::failed", &missed.error));
        }
        if attempt >= patience.attempts && Instant::now() >= until {
            return Err(busy(client, &what, mode, attempt, &missed.error).await);
        }
        if let Some(up_to_it) = what.get_mut(..=missed.place) {
            up_to_it.rotate_right(1);
        }
        interrupt::pause(jittered(pause)).await;
        pause = (pause * 2).min(Patience::PAUSE_MAX);
    }
    Ok(())
}

/// Why an attempt failed.
struct Missed {
    /// At which of them.
    place: usize,
    error: Error,
}

/// All statements go out at once; to each there is an answer of its own.
async fn try_once(client: &Client, what: &[Lockable], mode: Mode, wait: Duration) -> Result<(), Missed> {
    let missed = |error| Missed { place: 0, error };
    // SHOW takes no snapshot, where a SELECT of the setting would.
    let before: String = client.query_one("SHOW lock_timeout", &[]).await.and_then(|row| row.try_get(0)).map_err(missed)?;
    let begin = format!("SAVEPOINT backstop_lock; SET LOCAL lock_timeout = {}", wait.as_millis());
    client.batch_execute(&begin).await.map_err(missed)?;
    let further = holding(what.len().saturating_sub(1)).min(wait).as_millis();
    let take: Vec<String> =
        what.iter().map(|what| format!("{}; SET LOCAL lock_timeout = {further}", what.statement(mode))).collect();
    let taken = join_all(take.iter().map(|take| client.batch_execute(take))).await;
    // Whatever comes after the first failure fails for that failure.
    let first = taken.into_iter().enumerate().find_map(|(place, taken)| taken.err().map(|error| Missed { place, error }));
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

async fn busy(client: &Client, what: &[Lockable], mode: Mode, attempts: u32, error: &Error) -> Failure {
    let names: Vec<&str> = what.iter().map(|what| what.relation.as_str()).collect();
    let blockers = client.query(include_str!("table_lock/blockers.sql"), &[&names, &mode.conflicts()]).await;
    let blockers: Vec<String> =
        blockers.unwrap_or_default().iter().filter_map(|row| row.try_get(0).map(secrets::redacted_cut).ok()).collect();
    let tables = match names.as_slice() {
        [name] => (*name).to_owned(),
        names => format!("one of {} tables", names.len()),
    };
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
