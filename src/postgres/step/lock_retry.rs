//! Waiting for strong locks without making others wait: short attempts with pauses, in which everybody behind goes on.
//!
//! Who waits for a lock that keeps readers away makes all of them wait that come after. Where a step holds nothing yet it can
//! let go of its place and come again; where it holds locks already, others would wait for those, so that it waits once, as long
//! as the plan allows, and is then tried anew as a whole.

use std::{pin::pin, time::Duration};

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Error, SimpleQueryMessage, error::SqlState};

use super::frame::Frame;
use crate::{
    postgres::{
        interrupt,
        jitter::jittered,
        progress::{Blocker, Watch},
    },
    sql::Statement,
};

/// Into how many attempts the time for a lock is divided, at least.
const PARTS: u32 = 5;
/// Longest wait of one attempt.
const ATTEMPT_MAX: Duration = Duration::from_secs(1);
/// Shortest wait of one attempt.
const ATTEMPT_MIN: Duration = Duration::from_millis(50);
/// Pause before the second attempt; twice as long before each further one, half of it left to chance.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How statements of a piece of work wait for locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockRetry {
    /// Once, for as long as the session's `lock_timeout` allows.
    Once,
    /// The first one that locks anything: in short attempts.
    InAttempts,
}

impl LockRetry {
    /// In the plan's one transaction earlier steps hold locks.
    pub(super) fn in_frame(frame: Frame) -> Self {
        match frame {
            Frame::Own => LockRetry::InAttempts,
            Frame::Savepoint => LockRetry::Once,
        }
    }

    /// Runs a statement under the eyes of the watch. With whom it was last seen waiting for.
    pub(super) async fn run(
        self,
        client: &Client,
        statement: &Statement,
        is_first: bool,
        watch: &Watch<'_>,
    ) -> (Result<u64, Error>, Vec<Blocker>) {
        if self == LockRetry::InAttempts && is_first && statement.lock().makes_others_wait() {
            in_attempts(client, statement, watch).await
        } else {
            watch.during(execute(client, statement.text())).await
        }
    }
}

async fn in_attempts(client: &Client, statement: &Statement, watch: &Watch<'_>) -> (Result<u64, Error>, Vec<Blocker>) {
    let (sql, whole) = (statement.text(), watch.lock_timeout);
    let wait = attempt(whole, tables(statement));
    // Where others are ended for it, there must be a time to wait after that, too.
    let mut left =
        whole + watch.blocker_termination.map_or(Duration::ZERO, |(blocker_termination, _)| blocker_termination.after());
    let mut pause = PAUSE;
    let watch = &Watch { lock_timeout: wait, ..*watch };
    loop {
        left = left.saturating_sub(wait);
        match watch.during(try_once(client, sql, wait, whole)).await {
            (Err(error), blockers) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) && !left.is_zero() => {
                if let Err(error) = client.batch_execute(LET_GO).await {
                    return (Err(error), blockers);
                }
            }
            done => return done,
        }
        interrupt::pause(jittered(pause)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

const LET_GO: &str = "ROLLBACK TO SAVEPOINT backstop_try; RELEASE SAVEPOINT backstop_try";

/// On failure the transaction stands as the statement left it.
async fn try_once(client: &Client, sql: &str, wait: Duration, whole: Duration) -> Result<u64, Error> {
    let begin = format!("SAVEPOINT backstop_try; SET LOCAL lock_timeout = {}", wait.as_millis());
    client.batch_execute(&begin).await?;
    let rows = execute(client, sql).await?;
    let end = format!("RELEASE SAVEPOINT backstop_try; SET LOCAL lock_timeout = {}", whole.as_millis());
    client.batch_execute(&end).await?;
    Ok(rows)
}

/// How long one attempt waits for each of so many tables, of the whole time for a lock. All together it waits no longer than the
/// server's `deadlock_timeout`, by default a second: an application that waits for the first table and is waited for at another
/// one gets its turn before the server looks for deadlocks, and nobody is a victim.
fn attempt(whole: Duration, tables: u32) -> Duration {
    let longest = (ATTEMPT_MAX / tables.max(1)).max(ATTEMPT_MIN);
    (whole / PARTS).clamp(ATTEMPT_MIN, longest).min(whole.max(Duration::from_millis(1)))
}

/// How many tables `LOCK TABLE` names, at most; one for every other statement, which waits once.
fn tables(statement: &Statement) -> u32 {
    let is_lock = statement.text().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("LOCK"));
    let commas = if is_lock { statement.text().matches(',').count() } else { 0 };
    u32::try_from(commas).unwrap_or(u32::MAX).saturating_add(1)
}

/// How many rows the statement reports. Rows that a query answers are read and forgotten, one by one.
async fn execute(client: &Client, sql: &str) -> Result<u64, Error> {
    let mut messages = pin!(client.simple_query_raw(sql).await?);
    let mut rows = 0;
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::CommandComplete(count) = message {
            rows = count;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_a_short_part_of_the_whole() {
        assert_eq!(attempt(Duration::from_secs(60), 1), ATTEMPT_MAX);
        assert_eq!(attempt(Duration::from_secs(1), 1), Duration::from_millis(200));
        assert_eq!(attempt(Duration::from_millis(100), 1), ATTEMPT_MIN);
        assert_eq!(attempt(Duration::from_millis(10), 1), Duration::from_millis(10));
        assert_eq!(attempt(Duration::from_secs(60), 8), ATTEMPT_MAX / 8);
        assert_eq!(attempt(Duration::from_secs(60), 1000), ATTEMPT_MIN);
    }

    #[test]
    fn the_tables_of_a_lock_are_counted() {
        let count = |sql| tables(&crate::sql::split(sql).unwrap()[0]);
        assert_eq!(count("lock table a, b, \"c\" IN ACCESS EXCLUSIVE MODE"), 3);
        assert_eq!(count("LOCK a"), 1);
        assert_eq!(count("ALTER TABLE a ADD b int, ADD c int"), 1);
    }
}
