//! Putting the fence up, and keeping it up whatever a step does.

use tokio_postgres::{Client, Row};

use super::{
    pass::raised,
    take_down::take_down,
    terms::{FenceTerms, FencedTable, names},
};
use crate::{
    machine::Failure,
    postgres::{
        error_class::failure,
        event_triggers,
        table_lock::{Mode, Patience, lock_tables},
        transaction::{self, BEGIN},
    },
    sql::quote::{ident, qualified},
};

const NOT_PUT_UP: &str = "backstop::fence::not_put_up";

/// How many tables are fenced in one transaction: more would need more of the server's lock slots, and keep more writers waiting.
const PORTION: usize = 100;

/// Puts the fence up around the tables, given as schema and name, in transactions of its own. Where it stands already,
/// from an earlier attempt of this run, it is put up anew. Whoever is writing is waited for, so that after this no write
/// goes past the fence.
///
/// # Errors
/// `backstop::table_lock::busy` where writers don't let go of a table, or what the server said. The fence is not up then.
pub async fn put_up(
    client: &Client,
    terms: &FenceTerms<'_>,
    tables: &[(String, String)],
    patience: Patience,
) -> Result<(), Failure> {
    raised(client, terms.run).await.map_err(|error| failure(NOT_PUT_UP, &error))?;
    for portion in tables.chunks(PORTION) {
        if let Err(failure) = put_up_around(client, terms, portion, patience).await {
            // The first failure is what people need to know; the run's end takes the fence down, too.
            let _ = take_down(client, terms.run).await;
            return Err(failure);
        }
    }
    Ok(())
}

async fn put_up_around(
    client: &Client,
    terms: &FenceTerms<'_>,
    tables: &[(String, String)],
    patience: Patience,
) -> Result<(), Failure> {
    client.batch_execute(BEGIN).await.map_err(|error| failure(NOT_PUT_UP, &error))?;
    let done = async {
        lock_tables(client, tables, Mode::ShareRowExclusive, patience).await?;
        note_breaches(client, terms.run).await?;
        let suspended = event_triggers::suspend(client).await.map_err(|error| failure(NOT_PUT_UP, &error))?;
        keep_up(client, terms, tables).await?;
        event_triggers::resume(client, suspended).await.map_err(|error| failure(NOT_PUT_UP, &error))
    };
    let done = done.await;
    transaction::end(client, done, NOT_PUT_UP).await
}

/// Keeps the fence up in a step's transaction, whatever the step did: where one of the tables, given as schema and name, is
/// another one now, or where its triggers were disabled. Once it stands again nothing tells any more that somebody else had let writers
/// past it: that is to be noted before, from a session that does not see what the step did.
///
/// # Errors
/// What the server said; the step is to be rolled back then.
pub async fn keep_up(client: &Client, terms: &FenceTerms<'_>, tables: &[(String, String)]) -> Result<(), Failure> {
    if tables.is_empty() {
        return Ok(());
    }
    let failed = |error| failure(NOT_PUT_UP, &error);
    let (schemas, table_names): (Vec<&str>, Vec<&str>) =
        tables.iter().map(|(schema, name)| (schema.as_str(), name.as_str())).unzip();
    let names = names(terms.run);
    let fenced = client.query(include_str!("fenced_tables.sql"), &[&names.as_slice(), &schemas, &table_names]).await;
    let fenced = fenced.map_err(failed)?;
    const IS_ANOTHER: &str = "SELECT EXISTS (SELECT FROM backstop.fence_breaches($1::pg_catalog.text::pg_catalog.uuid))";
    let asked = client.query_one(IS_ANOTHER, &[&terms.run]).await;
    let mut is_another: bool = asked.and_then(|row| row.try_get(0)).map_err(failed)?;
    let mut digest = None;
    for row in fenced {
        let (table, up, lowered) = fenced_table(&row).map_err(failed)?;
        let digest = match &digest {
            Some(digest) => digest,
            None => digest.insert(raised(client, terms.run).await.map_err(failed)?),
        };
        for trigger in terms.triggers(&table, digest) {
            if !up.contains(&trigger.name) {
                is_another = true;
                let create = if lowered.contains(&trigger.name) { "" } else { &trigger.create };
                raise(client, &table, &trigger.name, create).await?;
            }
        }
    }
    if is_another {
        const REMEMBER: &str = "SELECT backstop.remember_fence($1::pg_catalog.text::pg_catalog.uuid, $2)";
        client.execute(REMEMBER, &[&terms.run, &names.as_slice()]).await.map_err(failed)?;
    }
    Ok(())
}

/// Notes the tables whose fence is not as it was put up, as others may have written past it. Nothing that the session sees can have been
/// brought about by the open transaction, or by a step.
///
/// # Errors
/// `backstop::fence::not_looked_at` with what the server said.
pub async fn note_breaches(client: &Client, run: &str) -> Result<(), Failure> {
    const NOTE: &str = "SELECT backstop.note_breaches($1::pg_catalog.text::pg_catalog.uuid)";
    let noted = client.execute(NOTE, &[&run]).await;
    noted.map(drop).map_err(|error| failure("backstop::fence::not_looked_at", &error))
}

fn fenced_table(row: &Row) -> Result<(FencedTable, Vec<String>, Vec<String>), tokio_postgres::Error> {
    let table = FencedTable {
        schema: row.try_get(0)?,
        name: row.try_get(1)?,
        is_partitioned: row.try_get(2)?,
        is_written_by_row: row.try_get(3)?,
    };
    Ok((table, row.try_get(4)?, row.try_get(5)?))
}

/// Enabled always, so that it also fires in sessions that replay what was written elsewhere.
async fn raise(client: &Client, table: &FencedTable, trigger: &str, create: &str) -> Result<(), Failure> {
    let enable =
        format!("ALTER TABLE ONLY {} ENABLE ALWAYS TRIGGER {}", qualified(&table.schema, &table.name), ident(trigger));
    client.batch_execute(&format!("{create}; {enable}")).await.map_err(|error| {
        let mut failure = failure(NOT_PUT_UP, &error);
        failure.message = format!("{}.{} could not be fenced: {}", table.schema, table.name, failure.message);
        failure.hint("Let the role own the table, or say `writers: allow` in the plan's backup.")
    })
}
