//! The fence: while a run goes on, writes of others to its targets are refused, so that a restore can lose none.
//!
//! It is a statement trigger on each target. Sessions of the run announce themselves in the setting `backstop.run`. It is a
//! protection against accidents: who knows the setting can set it. Changes that logical replication applies fire no
//! statement triggers and go through.

use std::time::Duration;

use tokio_postgres::{Client, error::SqlState};

use super::{
    fault::failure,
    table_lock::{Mode, Patience, lock_tables},
    transaction,
};
use crate::{
    machine::Failure,
    sql::quote::{ident, literal, qualified},
};

/// The function behind the triggers; belongs to the journal's schema.
pub const SCHEMA: &str = include_str!("fence/schema.sql");
/// SQLSTATE of a refused write.
pub const REFUSED: &str = "BSW01";
/// How the names of the triggers begin; the run's id follows.
const TRIGGER_PREFIX: &str = "backstop_fence_";

/// How long the removal of one trigger waits for readers before the trigger is disabled instead.
const REMOVAL_WAIT: Duration = Duration::from_secs(2);

const NOT_PUT_UP: &str = "backstop::fence::not_put_up";
const NOT_REMOVED: &str = "backstop::fence::not_removed";

/// What lets the session's transaction through the run's fence; to be run in it.
pub fn announcement(run: &str) -> String {
    format!("SET LOCAL backstop.run = {}", literal(run))
}

/// Puts the fence up around the tables, given as schema and name, in a transaction of its own. Where it stands already,
/// from this run or one that is gone, it is put up anew.
///
/// # Errors
/// `backstop::table_lock::busy` where writers don't let go of a table, or what the server said. The fence is not up then.
pub async fn put_up(
    client: &Client,
    run: &str,
    plan: &str,
    tables: &[(String, String)],
    patience: Patience,
) -> Result<(), Failure> {
    client.batch_execute("BEGIN").await.map_err(|error| failure(NOT_PUT_UP, &error))?;
    let done = put_up_in(client, run, plan, tables, patience).await;
    transaction::end(client, done, NOT_PUT_UP).await
}

async fn put_up_in(
    client: &Client,
    run: &str,
    plan: &str,
    tables: &[(String, String)],
    patience: Patience,
) -> Result<(), Failure> {
    lock_tables(client, tables, Mode::ShareRowExclusive, patience).await?;
    let standing = triggers(client).await?;
    let trigger = trigger_name(run);
    for (schema, name) in tables {
        let there = standing.iter().any(|t| t.schema == *schema && t.table == *name && t.trigger == trigger);
        fence_off(client, run, plan, (schema, name), if there { Standing::Lowered } else { Standing::Missing }).await?;
    }
    Ok(())
}

/// Keeps the fence up in a step's transaction, whatever the step did: where one of the tables, given as schema and name, is
/// another one now, or where its triggers were disabled.
///
/// # Errors
/// What the server said; the step is to be rolled back then.
pub async fn keep_up(client: &Client, run: &str, plan: &str, tables: &[(String, String)]) -> Result<(), Failure> {
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        tables.iter().map(|(schema, name)| (schema.as_str(), name.as_str())).unzip();
    let open = client.query(include_str!("fence/open.sql"), &[&trigger_name(run), &schemas, &names]).await;
    for row in open.map_err(|error| failure(NOT_PUT_UP, &error))? {
        let standing = if row.get(2) { Standing::Lowered } else { Standing::Missing };
        fence_off(client, run, plan, (row.get(0), row.get(1)), standing).await?;
    }
    Ok(())
}

/// What there is of a table's fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Missing,
    /// The trigger is there, perhaps disabled.
    Lowered,
}

async fn fence_off(
    client: &Client,
    run: &str,
    plan: &str,
    (schema, name): (&str, &str),
    standing: Standing,
) -> Result<(), Failure> {
    let (table, quoted) = (qualified(schema, name), ident(&trigger_name(run)));
    let create = format!(
        "CREATE TRIGGER {quoted} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
         FOR EACH STATEMENT EXECUTE FUNCTION backstop.refuse_write({}, {});",
        literal(run),
        literal(plan)
    );
    let enable = format!("ALTER TABLE ONLY {table} ENABLE ALWAYS TRIGGER {quoted}");
    let sql = if standing == Standing::Lowered { enable } else { create + &enable };
    client.batch_execute(&sql).await.map_err(|error| {
        let mut failure = failure(NOT_PUT_UP, &error);
        failure.message = format!("writes to {schema}.{name} could not be fenced off: {}", failure.message);
        failure.hint("Let the role own the table, or say `writers: allow` in the plan's backup.")
    })
}

/// What became of a fence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Triggers that are gone.
    pub dropped: usize,
    /// Tables, as `schema.table`, whose readers did not let go in time: the trigger is disabled there, and dropped by a later run.
    pub disabled: Vec<String>,
}

/// Takes the run's fence down in the open transaction, and drops what earlier runs had to leave disabled. Dropping a trigger
/// needs the table for itself for a moment; where a reader is in the way the trigger is disabled, which readers don't hinder,
/// so that no long query can keep writers locked out.
///
/// # Errors
/// `backstop::fence::not_removed` with what the server said; the transaction is to be rolled back then.
pub async fn remove_in(client: &Client, run: &str) -> Result<Removed, Failure> {
    let failed = |error| failure(NOT_REMOVED, &error);
    let trigger = trigger_name(run);
    let mut removed = Removed::default();
    for found in triggers(client).await? {
        if found.trigger != trigger && !found.disabled {
            continue;
        }
        let table = qualified(&found.schema, &found.table);
        let quoted = ident(&found.trigger);
        if drop_soon(client, &format!("DROP TRIGGER {quoted} ON {table}")).await.map_err(failed)? {
            removed.dropped += 1;
        } else if !found.disabled {
            client.batch_execute(&format!("ALTER TABLE ONLY {table} DISABLE TRIGGER {quoted}")).await.map_err(failed)?;
            removed.disabled.push(format!("{}.{}", found.schema, found.table));
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

/// Whether the statement could be run without waiting long for its lock.
async fn drop_soon(client: &Client, sql: &str) -> Result<bool, tokio_postgres::Error> {
    let before: String = client.query_one("SHOW lock_timeout", &[]).await?.try_get(0)?;
    let begin = format!("SAVEPOINT backstop_fence; SET LOCAL lock_timeout = {}", REMOVAL_WAIT.as_millis());
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

struct Trigger {
    schema: String,
    table: String,
    trigger: String,
    disabled: bool,
}

async fn triggers(client: &Client) -> Result<Vec<Trigger>, Failure> {
    let rows = client.query(include_str!("fence/triggers.sql"), &[]).await.map_err(|e| failure(NOT_REMOVED, &e))?;
    let trigger = |row: &tokio_postgres::Row| {
        Ok(Trigger { schema: row.try_get(0)?, table: row.try_get(1)?, trigger: row.try_get(2)?, disabled: row.try_get(3)? })
    };
    rows.iter().map(trigger).collect::<Result<_, _>>().map_err(|error| failure(NOT_REMOVED, &error))
}

fn trigger_name(run: &str) -> String {
    format!("{TRIGGER_PREFIX}{run}")
}
