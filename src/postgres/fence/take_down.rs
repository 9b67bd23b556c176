//! Taking the fence down: first it lets everybody through, which needs nothing but one row; then its triggers go.

use std::time::Duration;

use tokio_postgres::{Client, Error};

use super::terms::names;
use crate::{
    machine::Failure,
    postgres::{
        error_class::failure,
        event_triggers,
        transaction::{self, BEGIN},
    },
    sql::quote::{ident, qualified},
};

/// How long the removal of a table's triggers waits for readers and writers: others queue up behind whoever waits.
const REMOVAL_WAIT: Duration = Duration::from_millis(500);
/// How often the tables are gone through.
const ROUNDS_MAX: usize = 4;
/// After how many waits in vain the rest is left to a later run.
const MISSED_MAX: usize = 16;

const NOT_REMOVED: &str = "backstop::fence::not_removed";

/// What became of the triggers of fences that are down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Triggers that are gone.
    pub dropped: usize,
    /// Tables, as `schema.table`, that could not be had in time: their triggers let everybody through, and a later run drops them.
    pub left: Vec<String>,
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

/// Takes the run's fence down in the open transaction: from its commit on everybody is let through. That waits for nobody and needs
/// no lock on the tables, so that it can't fail for want of either. The triggers are for [`clear_away`].
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said. The transaction is to be rolled back then.
pub async fn lower_in(client: &Client, run: &str) -> Result<(), Failure> {
    const LOWER: &str = "INSERT INTO backstop.fences AS f (run, down) VALUES ($1::pg_catalog.text::pg_catalog.uuid, true) \
                         ON CONFLICT (run) DO UPDATE SET down = true";
    client.execute(LOWER, &[&run]).await.map(drop).map_err(|error| failure(NOT_REMOVED, &error))
}

/// Drops the triggers of all fences that are down, table by table, each in a transaction of its own. Outside of transactions.
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said, where nothing can be asked of it. What the server refuses of a single
/// table is no error: its triggers are left.
pub async fn clear_away(client: &Client) -> Result<Removed, Failure> {
    let failed = |error| failure(NOT_REMOVED, &error);
    let mut due = tables(triggers(client).await.map_err(failed)?);
    let (mut removed, mut missed) = (Removed::default(), 0);
    for _ in 0..ROUNDS_MAX {
        let mut left = Vec::new();
        for table in due {
            if missed < MISSED_MAX && table.remove(client).await.is_ok() {
                removed.dropped += table.triggers.len();
                continue;
            }
            transaction::roll_back(client).await;
            missed += 1;
            left.push(table);
        }
        due = left;
        if due.is_empty() || missed >= MISSED_MAX {
            break;
        }
    }
    removed.left = due.iter().map(|table| format!("{}.{}", table.schema, table.name)).collect();
    client.execute(include_str!("forget.sql"), &[]).await.map_err(failed)?;
    Ok(removed)
}

/// Takes the run's fence down in transactions of its own.
///
/// # Errors
/// As [`lower_in`] and [`clear_away`].
pub async fn take_down(client: &Client, run: &str) -> Result<Removed, Failure> {
    client.batch_execute(BEGIN).await.map_err(|error| failure(NOT_REMOVED, &error))?;
    let done = lower_in(client, run).await;
    transaction::end(client, done, NOT_REMOVED).await?;
    clear_away(client).await
}

struct FenceTrigger {
    schema: String,
    table: String,
    trigger: String,
    is_idle: bool,
    captures: bool,
}

async fn triggers(client: &Client) -> Result<Vec<FenceTrigger>, Error> {
    let rows = client.query(include_str!("triggers.sql"), &[]).await?;
    let trigger = |row: &tokio_postgres::Row| {
        Ok(FenceTrigger {
            schema: row.try_get(0)?,
            table: row.try_get(1)?,
            trigger: row.try_get(2)?,
            is_idle: row.try_get(3)?,
            captures: row.try_get(4)?,
        })
    };
    rows.iter().map(trigger).collect()
}

/// A table with triggers that have nothing to do any more.
struct Cleared {
    schema: String,
    name: String,
    triggers: Vec<String>,
}

/// In the order of the triggers.
fn tables(triggers: Vec<FenceTrigger>) -> Vec<Cleared> {
    let mut tables: Vec<Cleared> = Vec::new();
    for one in triggers.into_iter().filter(|one| one.is_idle) {
        match tables.last_mut() {
            Some(last) if last.schema == one.schema && last.name == one.table => last.triggers.push(one.trigger),
            _ => tables.push(Cleared { schema: one.schema, name: one.table, triggers: vec![one.trigger] }),
        }
    }
    tables
}

impl Cleared {
    /// Nothing depends on whether it is durable. Event triggers that write down what is dropped see nothing of it: a restore was proven
    /// before.
    async fn remove(&self, client: &Client) -> Result<(), Error> {
        let quiet = event_triggers::without_any(client).await?;
        let table = qualified(&self.schema, &self.name);
        let drop = |trigger: &String| format!("DROP TRIGGER {} ON {table}", ident(trigger));
        let drops = self.triggers.iter().map(drop).collect::<Vec<_>>().join("; ");
        let wait = REMOVAL_WAIT.as_millis();
        let settings = format!("SET LOCAL lock_timeout = {wait}; SET LOCAL synchronous_commit = off");
        client.batch_execute(&format!("{BEGIN}; {settings}; {}COMMIT", quiet.around(&drops))).await
    }
}
