//! A partial manifest, and copies that are written into it.

use tokio_postgres::{Client, Error};

use super::storage::{close_copy, copy_failure, ensure_schema, not_prepared};
use crate::{
    catalog::Column,
    drive::{
        backups::{NewBackup, NewCopy},
        manifest::CopyId,
    },
    machine::Failure,
    postgres::{
        digest::{RowSource, as_text, copied_as_text, statement},
        event_triggers,
        expressions::set_path,
    },
    sql::quote::{ident, qualified},
};

/// Most seconds that an id is moved on where others were taken in the same ones.
const ID_ATTEMPTS: u32 = 60;

/// Writes the partial manifest under an id that no other backup has; the schema of the copies is made where it is missing.
///
/// # Errors
/// `backstop::backup::not_prepared` with what the server said, or as [`ensure_schema`].
pub async fn begin(client: &Client, new: &NewBackup<'_>) -> Result<String, Failure> {
    const RESERVE: &str = include_str!("reserve.sql");
    let failed = |error: Error| not_prepared(&error);
    ensure_schema(client, new.schema).await?;
    let version = i32::try_from(new.server_version).unwrap_or_default();
    for later in 0..ID_ATTEMPTS {
        let later = f64::from(later);
        let row = client
            .query_opt(RESERVE, &[&later, &new.schema, &new.plan, &new.run, &version, &new.algorithm.name()])
            .await
            .map_err(failed)?;
        if let Some(row) = row {
            return row.try_get(0).map_err(failed);
        }
    }
    Err(Failure::permanent("backstop::backup::not_prepared", "no id is free for the backup")
        .hint("Wait a minute; another program takes backups all the time."))
}

/// Copies the table within the server, in the open transaction, and writes it into the manifest. The path of the session is the one that
/// the table is read under, and empty afterwards.
///
/// # Errors
/// As [`copy_failure`].
pub async fn write(client: &Client, new: &NewCopy<'_>) -> Result<u64, Failure> {
    let failed = |error| copy_failure(&format!("{} could not be copied", new.table.title()), &error);
    let CopyId { schema, copy, .. } = new.id;
    let query = copied(&new.table.schema, &new.table.name, new.columns);
    let create = format!("CREATE TABLE {} AS {query}", qualified(schema, copy));
    event_triggers::execute_without(client, &create).await.map_err(failed)?;
    client.batch_execute(&set_path("")).await.map_err(failed)?;
    close_copy(client, schema, copy).await.map_err(failed)?;
    let bytes = record(client, new).await.map_err(failed)?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// The query whose rows are the copy. Generated columns are kept as plain values, so that the copy can be read without what
/// computes them.
pub fn copied(schema: &str, name: &str, columns: &[Column]) -> String {
    let values: Vec<String> = columns.iter().map(value).collect();
    format!("SELECT {} FROM ONLY {}", values.join(", "), qualified(schema, name))
}

/// A copy depends on nothing that a step might drop: no type, and no collation of somebody's own.
fn value(column: &Column) -> String {
    let name = ident(&column.name);
    if copied_as_text(column) {
        format!("({}) COLLATE pg_catalog.\"default\" AS {name}", as_text(&column.name))
    } else if column.collation.as_deref().is_some_and(|collation| !collation.starts_with("pg_catalog.")) {
        format!("{name} COLLATE pg_catalog.\"default\" AS {name}")
    } else {
        name
    }
}

async fn record(client: &Client, NewCopy { id, algorithm, columns, table }: &NewCopy<'_>) -> Result<i64, Error> {
    let (of, copy) = (qualified(&table.schema, &table.name), qualified(id.schema, id.copy));
    let live = statement(*algorithm, &of, columns, RowSource::Live);
    let copied = statement(*algorithm, &copy, columns, RowSource::Copy);
    let rows = i64::try_from(table.content.rows).unwrap_or(i64::MAX);
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
        &id.backup,
        &table.schema,
        &table.name,
        &id.copy,
        &rows,
        &copy,
        &table.content.digest,
        &live,
        &copied,
        &table.path,
        &of,
    ];
    client.query_one(include_str!("record_copy.sql"), &parameters).await?.try_get(0)
}
