//! Structure and rows, at one moment.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::rows::{TableDelta, table_deltas};
use crate::{
    catalog::{Change, diff},
    drive::manifest::Manifest,
    machine::Failure,
    postgres::{
        backup::{OpenCopies, Store},
        capture,
        digest::pin,
        error_class::failure,
        transaction,
    },
};

/// What changed since a backup was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangesSince {
    /// Of the whole database's structure.
    pub structure: Vec<Change>,
    /// Of the rows of the tables that the backup holds; those that are as they were are among them.
    pub tables: Vec<TableDelta>,
}

impl ChangesSince {
    /// Whether nothing changed.
    pub fn is_nothing(&self) -> bool {
        self.structure.is_empty() && self.tables.iter().all(TableDelta::is_nothing)
    }
}

/// Compares the database with the backup, in a transaction of its own that sees one moment.
///
/// # Errors
/// `backstop::difference::not_compared` with what the server said, or as [`table_deltas`].
pub async fn since(store: &Store, client: &Client, manifest: &Manifest) -> Result<ChangesSince, Failure> {
    const NOT_COMPARED: &str = "backstop::difference::not_compared";
    let failed = |error| failure(NOT_COMPARED, &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(failed)?;
    let done = async {
        pin(client).await.map_err(failed)?;
        let copies = OpenCopies::open(store, client, manifest).await?;
        let now = capture::snapshot(client, std::slice::from_ref(&manifest.schema)).await.map_err(failed)?;
        let structure = diff(&manifest.snapshot, &now);
        let all: BTreeSet<_> = manifest.tables.iter().map(|table| table.key()).collect();
        Ok(ChangesSince { structure, tables: table_deltas(client, manifest, &copies, &now, &all).await? })
    }
    .await;
    transaction::end(client, done, NOT_COMPARED).await
}
