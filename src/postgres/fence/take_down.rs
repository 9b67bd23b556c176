//! Taking the fence down, without waiting long for anybody.

use std::{collections::BTreeSet, time::Duration};

use tokio_postgres::{Client, Error, error::SqlState};

use super::terms::names;
use crate::{
    machine::Failure,
    postgres::{
        fault::failure,
        table_lock::{Mode, Patience, holding, lock_tables},
        transaction::{self, BEGIN},
    },
    sql::quote::{ident, literal, qualified},
};

/// How long writers are waited for.
const PATIENCE: Patience = Patience { wait: Duration::from_secs(2), attempts: 3, pause: Duration::from_millis(250) };
/// How long the removal of one trigger waits for readers where nothing else is held.
const REMOVAL_WAIT: Duration = Duration::from_millis(500);

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
/// `backstop::table_lock::busy`, transient, where writers don't let go; `backstop::fence::not_removed` with what the server said.
/// The transaction is to be rolled back then.
pub async fn remove_in(client: &Client, run: &str) -> Result<Removed, Failure> {
    let failed = |error| failure(NOT_REMOVED, &error);
    let names = names(run);
    let mut standing = triggers(client).await.map_err(failed)?;
    standing.retain(|found| names.contains(&found.trigger) || found.disabled);
    let enabled: BTreeSet<_> = standing.iter().filter(|found| !found.disabled).map(Standing::table).collect();
    // Against writers, before anything is tried: whoever holds a lock must not wait long for another one.
    lock_tables(client, &Vec::from_iter(enabled), Mode::ShareRowExclusive, PATIENCE).await?;
    let wait = holding(standing.len());
    let mut removed = Removed::default();
    for found in &standing {
        if dropped_soon(client, found, wait).await.map_err(failed)? {
            removed.dropped += 1;
        } else if !found.disabled {
            client.batch_execute(&found.disable()).await.map_err(failed)?;
            removed.disabled.push(format!("{}.{}", found.schema, found.table));
        }
    }
    Ok(removed)
}

/// Drops what had to be left disabled, each in a transaction of its own, where readers let it.
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said.
pub async fn remove_disabled(client: &Client) -> Result<(), Failure> {
    let failed = |error| failure(NOT_REMOVED, &error);
    for found in triggers(client).await.map_err(failed)?.iter().filter(|found| found.disabled) {
        client.batch_execute(BEGIN).await.map_err(failed)?;
        let done = dropped_soon(client, found, REMOVAL_WAIT).await.map_err(failed);
        transaction::end(client, done, NOT_REMOVED).await?;
    }
    Ok(())
}

/// Takes the run's fence down in a transaction of its own.
///
/// # Errors
/// As [`remove_in`].
pub async fn remove(client: &Client, run: &str) -> Result<Removed, Failure> {
    client.batch_execute(BEGIN).await.map_err(|error| failure(NOT_REMOVED, &error))?;
    let done = remove_in(client, run).await;
    transaction::end(client, done, NOT_REMOVED).await
}

/// Whether the trigger could be dropped without waiting longer for readers: others queue up behind whoever waits.
async fn dropped_soon(client: &Client, found: &Standing, wait: Duration) -> Result<bool, Error> {
    let before: String = client.query_one("SHOW lock_timeout", &[]).await?.try_get(0)?;
    let begin = format!("SAVEPOINT backstop_fence; SET LOCAL lock_timeout = {}", wait.as_millis());
    client.batch_execute(&begin).await?;
    match client.batch_execute(&found.drop()).await {
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

struct Standing {
    schema: String,
    table: String,
    trigger: String,
    disabled: bool,
    captures: bool,
}

impl Standing {
    fn table(&self) -> (String, String) {
        (self.schema.clone(), self.table.clone())
    }

    fn drop(&self) -> String {
        format!("DROP TRIGGER {} ON {}", ident(&self.trigger), qualified(&self.schema, &self.table))
    }

    fn disable(&self) -> String {
        format!("ALTER TABLE ONLY {} DISABLE TRIGGER {}", qualified(&self.schema, &self.table), ident(&self.trigger))
    }
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
