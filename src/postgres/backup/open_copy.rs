//! Copies as relations that a session can read, wherever their rows are: those that are kept elsewhere are brought into temporary tables.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use tokio_postgres::{Client, Error};

use super::read::Store;
use crate::{
    catalog::{Column, ObjectKey},
    drive::{
        backups::{Pieces, StoredRows},
        manifest::{CopyId, Manifest},
    },
    machine::Failure,
    postgres::{digest::copied_as_text, error_class::failure, event_triggers},
    sql::quote::{ident, qualified},
};

const NOT_READ: &str = "backstop::backup::not_read";

/// A copy that the open transaction can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCopy {
    /// Its quoted name.
    pub relation: String,
    is_temporary: bool,
}

impl OpenCopy {
    /// Lets the open transaction, which has its settings pinned, read a copy with these columns; none where it is gone.
    ///
    /// # Errors
    /// `backstop::backup::not_read` with what the store or the server said.
    pub async fn open(store: &Store, client: &Client, id: CopyId<'_>, columns: &[Column]) -> Result<Option<Self>, Failure> {
        match store.read(client, id).await? {
            None => Ok(None),
            Some(StoredRows::Relation(relation)) => Ok(Some(OpenCopy { relation, is_temporary: false })),
            Some(StoredRows::Pieces(pieces)) => {
                let relation = qualified("pg_temp", id.copy);
                fill(client, &relation, columns, pieces).await?;
                Ok(Some(OpenCopy { relation, is_temporary: true }))
            }
        }
    }

    /// Gives the room back that it took in the session.
    ///
    /// # Errors
    /// `backstop::backup::not_read` with what the server said.
    pub async fn close(self, client: &Client) -> Result<(), Failure> {
        if !self.is_temporary {
            return Ok(());
        }
        let dropped = event_triggers::execute_without(client, &format!("DROP TABLE {}", self.relation)).await;
        dropped.map_err(|error| failure(NOT_READ, &error))
    }
}

async fn fill(client: &Client, relation: &str, columns: &[Column], mut pieces: Pieces<'_>) -> Result<(), Failure> {
    let failed = |error: Error| failure(NOT_READ, &error);
    let columns: Vec<String> = columns.iter().map(column).collect();
    let create = format!("CREATE TEMPORARY TABLE {relation} ({}) ON COMMIT DROP", columns.join(", "));
    event_triggers::execute_without(client, &create).await.map_err(failed)?;
    let copy = format!("COPY {relation} FROM STDIN (ENCODING 'SQL_ASCII')");
    let mut sink = Box::pin(client.copy_in(&copy).await.map_err(failed)?);
    while let Some(piece) = pieces.next().await {
        sink.feed(std::io::Cursor::new(piece?)).await.map_err(failed)?;
    }
    sink.as_mut().finish().await.map(drop).map_err(failed)
}

/// As a copy has it: in a type that depends on nothing.
fn column(column: &Column) -> String {
    let data_type = if copied_as_text(column) { "text" } else { &column.data_type };
    format!("{} {data_type}", ident(&column.name))
}

/// The copies of a backup, for a transaction that only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCopies {
    relations: BTreeMap<ObjectKey, String>,
}

impl OpenCopies {
    /// Lets the open transaction, which has its settings pinned, read all copies that are there, and nothing else but read from then on.
    ///
    /// # Errors
    /// `backstop::backup::not_read` with what the store or the server said.
    pub async fn open(store: &Store, client: &Client, manifest: &Manifest) -> Result<Self, Failure> {
        let mut relations = BTreeMap::new();
        for table in &manifest.tables {
            let columns = manifest.columns(table).unwrap_or_default();
            if let Some(copy) = OpenCopy::open(store, client, manifest.copy_id(table), columns).await? {
                relations.insert(table.key(), copy.relation);
            }
        }
        let read_only = client.batch_execute("SET TRANSACTION READ ONLY").await;
        read_only.map_err(|error| failure(NOT_READ, &error))?;
        Ok(OpenCopies { relations })
    }

    /// The quoted name under which a table's copy can be read; none where it is gone.
    pub fn of(&self, table: &ObjectKey) -> Option<&str> {
        self.relations.get(table).map(String::as_str)
    }
}
