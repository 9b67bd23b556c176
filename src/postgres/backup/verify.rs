//! Whether a backup still holds what it held.

use tokio_postgres::Client;

use super::{
    manifest::{Manifest, TableCopy, read},
    storage::is_there,
};
use crate::{
    machine::Failure,
    postgres::{
        digest::{Reading, digest, pin},
        error_class::failure,
        transaction,
    },
};

/// What a look at a backup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The backup's id.
    pub backup: String,
    /// Copies that were looked at.
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
pub async fn verify(client: &Client, id: &str) -> Result<Verification, Failure> {
    const NOT_VERIFIED: &str = "backstop::backup::not_verified";
    let failed = |error| failure(NOT_VERIFIED, &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(failed)?;
    let done = async {
        pin(client).await.map_err(failed)?;
        let manifest = read(client, id).await?;
        let mut problems = Vec::new();
        for table in &manifest.tables {
            problems.extend(problem(client, &manifest, table).await?);
        }
        let rows = manifest.tables.iter().map(|table| table.content.rows).sum();
        Ok(Verification { backup: manifest.id, tables: manifest.tables.len(), rows, problems })
    }
    .await;
    transaction::end(client, done, NOT_VERIFIED).await
}

/// What is wrong with one copy. A digest that the server refuses says so too: the copy has lost a column, say.
async fn problem(client: &Client, manifest: &Manifest, table: &TableCopy) -> Result<Option<String>, Failure> {
    let failed = |error| failure("backstop::backup::not_verified", &error);
    let copy = format!("{}.{}", manifest.schema, table.copy);
    if !is_there(client, &manifest.schema, &table.copy).await.map_err(failed)? {
        return Ok(Some(format!("{copy}, the copy of {}, is gone", table.title())));
    }
    let Some(columns) = manifest.columns(table) else {
        return Ok(Some(format!("{} is not in the backup's catalog", table.title())));
    };
    client.batch_execute("SAVEPOINT backstop_verify").await.map_err(failed)?;
    let relation = (manifest.schema.as_str(), table.copy.as_str());
    let found = digest(client, manifest.algorithm, relation, columns, Reading::Copy).await;
    let end = match &found {
        Ok(_) => "RELEASE SAVEPOINT backstop_verify",
        Err(_) => "ROLLBACK TO SAVEPOINT backstop_verify; RELEASE SAVEPOINT backstop_verify",
    };
    client.batch_execute(end).await.map_err(failed)?;
    Ok(match found {
        Ok(content) if content == table.content => None,
        Ok(content) => Some(format!(
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
