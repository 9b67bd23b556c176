//! What others hung on what a restore drops, where it could not stay.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error, types::Oid};

use crate::catalog::{ObjectKey, Snapshot};

/// Temporary objects of all sessions, each by its place in the catalog, with its description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Temporary(BTreeMap<(Oid, Oid, i32), String>);

impl Temporary {
    /// Looks for those that need something of the database, which keeps it from being dropped: no snapshot has them.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn in_need(client: &Client) -> Result<Self, Error> {
        Temporary::find(client, false).await
    }

    /// Of these, what is gone by now.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn gone(&self, client: &Client) -> Result<Vec<&str>, Error> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let left = Temporary::find(client, true).await?;
        let is_gone = |place: &(Oid, Oid, i32)| self.0.contains_key(place) && !left.0.contains_key(place);
        // A column is said with its table.
        let is_told = |(class, oid, part): &(Oid, Oid, i32)| {
            is_gone(&(*class, *oid, *part)) && (*part == 0 || !is_gone(&(*class, *oid, 0)))
        };
        Ok(self.0.iter().filter(|(place, _)| is_told(place)).map(|(_, description)| description.as_str()).collect())
    }

    async fn find(client: &Client, all: bool) -> Result<Self, Error> {
        let rows = client.query(include_str!("temporary.sql"), &[&all]).await?;
        let read = |row: &tokio_postgres::Row| Ok(((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), row.try_get(3)?));
        Ok(Temporary(rows.iter().map(read).collect::<Result<_, Error>>()?))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A sentence for each: tables that were moved, what nobody could make again and is gone, and temporary objects that had to go.
pub fn told(moved: Vec<String>, (unmade, after): (&BTreeSet<ObjectKey>, &Snapshot), temporary: &[&str]) -> Vec<String> {
    let lost = unmade.iter().filter(|key| !after.objects.contains_key(*key));
    let lost = lost.map(|key| format!("{key}, which others made meanwhile, had to be dropped and can't be made again"));
    let temporary =
        temporary.iter().map(|what| format!("{what} is gone: it was temporary, and needed what had to be dropped"));
    moved.into_iter().chain(lost).chain(temporary).collect()
}
