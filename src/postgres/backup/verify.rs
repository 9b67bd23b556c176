//! Whether a backup still holds what it held.

use tokio_postgres::Client;

use super::{
    open_copy::OpenCopy,
    read::{Store, read},
};
use crate::{
    drive::manifest::{Manifest, TableContent, TableCopy},
    machine::Failure,
    postgres::{
        digest::{RowSource, digest, pin},
        error_class::failure,
        transaction,
    },
};

const NOT_VERIFIED: &str = "backstop::backup::not_verified";

/// What a look at a backup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// OpenCopies that were looked at.
    pub tables: usize,
    /// Rows in them, as the manifest has it.
    pub rows: u64,
    /// What is wrong, copy by copy; empty where all is well.
    pub problems: Vec<String>,
}

/// Digests every copy of a complete backup and compares with the manifest, in a transaction of its own.
///
/// # Errors
/// As [`read`], or `backstop::backup::not_verified` with what the server said.
pub async fn verify(store: &Store, client: &Client, id: &str) -> Result<Verification, Failure> {
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(|error| failure(NOT_VERIFIED, &error))?;
    let done = async {
        pin(client).await.map_err(|error| failure(NOT_VERIFIED, &error))?;
        let manifest = read(store, client, id).await?;
        let mut problems = Vec::new();
        for table in &manifest.tables {
            problems.extend(problem(store, client, &manifest, table).await?);
        }
        let rows = manifest.tables.iter().map(|table| table.content.rows).sum();
        Ok(Verification { backup: manifest.id, tables: manifest.tables.len(), rows, problems })
    }
    .await;
    transaction::end(client, done, NOT_VERIFIED).await
}

/// What is wrong with one copy. One that can't be read, or that the server refuses to digest, says so too: it has lost a column, say.
async fn problem(store: &Store, client: &Client, manifest: &Manifest, table: &TableCopy) -> Result<Option<String>, Failure> {
    let failed = |error| failure(NOT_VERIFIED, &error);
    let copy = format!("{}.{}", manifest.schema, table.copy);
    client.batch_execute("SAVEPOINT backstop_verify").await.map_err(failed)?;
    let found = content(store, client, manifest, table).await;
    let end = match &found {
        Ok(_) => "RELEASE SAVEPOINT backstop_verify",
        Err(_) => "ROLLBACK TO SAVEPOINT backstop_verify; RELEASE SAVEPOINT backstop_verify",
    };
    client.batch_execute(end).await.map_err(failed)?;
    Ok(match found {
        Ok(None) => Some(format!("{copy}, the copy of {}, is gone", table.title())),
        Ok(Some(content)) if content == table.content => None,
        Ok(Some(content)) => Some(format!(
            "{copy}, the copy of {}, was changed: {} rows with digest {}, recorded {} rows with digest {}",
            table.title(),
            content.rows,
            content.digest,
            table.content.rows,
            table.content.digest
        )),
        Err(failure) => Some(format!("{copy}, the copy of {}, can't be read: {}", table.title(), failure.message)),
    })
}

/// None where the copy is gone.
async fn content(
    store: &Store,
    client: &Client,
    manifest: &Manifest,
    table: &TableCopy,
) -> Result<Option<TableContent>, Failure> {
    let columns = manifest
        .columns(table)
        .ok_or_else(|| Failure::permanent(NOT_VERIFIED, format!("{} is not in the backup's catalog", table.title())))?;
    let Some(opened) = OpenCopy::open(store, client, manifest.copy_id(table), columns).await? else { return Ok(None) };
    let content = digest(client, manifest.algorithm, &opened.relation, columns, RowSource::Copy).await?;
    opened.close(client).await?;
    Ok(Some(content))
}
