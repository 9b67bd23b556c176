//! Taking the fence down, without waiting long for anybody.

use std::time::Duration;

use tokio_postgres::{Client, Error, error::SqlState};

use super::terms::names;
use crate::{
    machine::{Failure, FailureClass},
    postgres::{fault::failure, transaction},
    sql::quote::{ident, literal, qualified},
};

/// How long the removal of one trigger waits for readers before the trigger is disabled instead. Less than `deadlock_timeout`
/// (1s): a reader may hold this table and wait for one whose trigger is gone already, and would be the one that is told of a deadlock.
const REMOVAL_WAIT: Duration = Duration::from_millis(500);
/// How long disabling one waits for writers.
const DISABLING_WAIT: Duration = Duration::from_secs(2);

const NOT_REMOVED: &str = "backstop::fence::not_removed";

/// What became of a fence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Triggers that are gone.
    pub dropped: usize,
    /// Tables, as `schema.table`, whose readers did not let go in time: the trigger is disabled there, and dropped by a later run.
    pub disabled: Vec<String>,
}

/// Whether a run's fence captures what others write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capturing {
    /// It does.
    Yes,
    /// It refuses or notes it, or there is none.
    No,
}

/// Whether the run's fence, as it stands, captures what others write.
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said.
pub async fn capturing(client: &Client, run: &str) -> Result<Capturing, Failure> {
    let names = names(run);
    let found = triggers(client).await.map_err(|error| failure(NOT_REMOVED, &error))?;
    let captures = found.iter().any(|one| one.captures && names.contains(&one.trigger));
    Ok(if captures { Capturing::Yes } else { Capturing::No })
}

/// Takes the run's fence down in the open transaction, and drops what earlier runs had to leave disabled. Dropping a trigger
/// needs the table for itself for a moment; where a reader is in the way the trigger is disabled, which readers don't hinder,
/// so that no long query can keep writers locked out.
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said, transient where a writer does not let go; the transaction is to
/// be rolled back then.
pub async fn remove_in(client: &Client, run: &str) -> Result<Removed, Failure> {
    let failed = |error| failure(NOT_REMOVED, &error);
    let names = names(run);
    let mut removed = Removed::default();
    for found in triggers(client).await.map_err(failed)? {
        if !names.contains(&found.trigger) && !found.disabled {
            continue;
        }
        let table = qualified(&found.schema, &found.table);
        let quoted = ident(&found.trigger);
        if done_soon(client, &format!("DROP TRIGGER {quoted} ON {table}"), REMOVAL_WAIT).await.map_err(failed)? {
            removed.dropped += 1;
        } else if !found.disabled {
            let title = format!("{}.{}", found.schema, found.table);
            let disable = format!("ALTER TABLE ONLY {table} DISABLE TRIGGER {quoted}");
            if !done_soon(client, &disable, DISABLING_WAIT).await.map_err(failed)? {
                return Err(busy(&title));
            }
            removed.disabled.push(title);
        }
    }
    Ok(removed)
}

/// Takes the run's fence down in a transaction of its own.
///
/// # Errors
/// As [`remove_in`].
pub async fn remove(client: &Client, run: &str) -> Result<Removed, Failure> {
    client.batch_execute("BEGIN").await.map_err(|error| failure(NOT_REMOVED, &error))?;
    let done = remove_in(client, run).await;
    transaction::end(client, done, NOT_REMOVED).await
}

/// Whether the statement could be run without waiting long for its lock: others queue up behind whoever waits.
async fn done_soon(client: &Client, sql: &str, wait: Duration) -> Result<bool, Error> {
    let before: String = client.query_one("SHOW lock_timeout", &[]).await?.try_get(0)?;
    let begin = format!("SAVEPOINT backstop_fence; SET LOCAL lock_timeout = {}", wait.as_millis());
    client.batch_execute(&begin).await?;
    match client.batch_execute(sql).await {
        Ok(()) => {
            let end = format!("RELEASE SAVEPOINT backstop_fence; SET LOCAL lock_timeout = {}", literal(&before));
            client.batch_execute(&end).await.map(|()| true)
        }
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            let back = "ROLLBACK TO SAVEPOINT backstop_fence; RELEASE SAVEPOINT backstop_fence";
            client.batch_execute(back).await.map(|()| false)
        }
        Err(error) => Err(error),
    }
}

fn busy(table: &str) -> Failure {
    Failure::permanent(NOT_REMOVED, format!("the fence of {table} can't be taken down: somebody writes and does not commit"))
        .class(FailureClass::Transient)
        .hint("Let that session finish, or end it with SELECT pg_terminate_backend(PID); pg_locks names it.")
}

struct Standing {
    schema: String,
    table: String,
    trigger: String,
    disabled: bool,
    captures: bool,
}

async fn triggers(client: &Client) -> Result<Vec<Standing>, Error> {
    let rows = client.query(include_str!("triggers.sql"), &[]).await?;
    let standing = |row: &tokio_postgres::Row| {
        Ok(Standing {
            schema: row.try_get(0)?,
            table: row.try_get(1)?,
            trigger: row.try_get(2)?,
            disabled: row.try_get(3)?,
            captures: row.try_get(4)?,
        })
    };
    rows.iter().map(standing).collect()
}
