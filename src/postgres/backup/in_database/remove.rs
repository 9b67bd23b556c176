//! A backup that goes.

use tokio_postgres::{Client, Error, error::SqlState};

use super::{manifest::tables, storage::drop_copy};
use crate::{
    machine::Failure,
    postgres::{backup::NOT_CLEARED, error_class::failure},
    sql::quote::qualified,
};

/// Removes a backup: its copies, then its manifest. Nothing that the manifest doesn't name is touched. Outside a transaction
/// a crash leaves copies that the manifest still names, so that it can be called again.
///
/// # Errors
/// `backstop::backup::not_cleared` with what the server said.
pub async fn remove(client: &Client, id: &str) -> Result<(), Failure> {
    const SCHEMA: &str = "SELECT schema_name FROM backstop.backups WHERE id = $1";
    let failed = |error| failure(NOT_CLEARED, &error);
    let Some(row) = client.query_opt(SCHEMA, &[&id]).await.map_err(failed)? else {
        return Ok(());
    };
    let schema: String = row.try_get(0).map_err(failed)?;
    for table in tables(client, id).await.map_err(failed)? {
        drop_copy(client, &schema, &table.copy).await.map_err(|error| not_dropped(id, &schema, &table.copy, &error))?;
    }
    client.execute("DELETE FROM backstop.backups WHERE id = $1", &[&id]).await.map_err(failed)?;
    Ok(())
}

fn not_dropped(id: &str, schema: &str, copy: &str, error: &Error) -> Failure {
    let mut failure = failure(NOT_CLEARED, error);
    failure.message = format!("backup {id} can't be removed: {}", failure.message);
    if error.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) {
        return failure.hint(format!("Drop what was made on its copy {} first.", qualified(schema, copy)));
    }
    failure
}
