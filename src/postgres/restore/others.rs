//! What others hung on what a restore drops, where it could not stay.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error, types::Oid};

use crate::catalog::{ObjectKey, Snapshot};

/// Temporary objects of all sessions and parts of them, each by its place in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Temporary(BTreeMap<(Oid, Oid, i32), TemporaryObject>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct TemporaryObject {
    /// The relation that it is a part of; 0 where it is none.
    relation: Oid,
    description: String,
}

/// The OID of `pg_class` itself.
const RELATIONS: Oid = 1259;

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
        // What is gone with its relation is told with that, or went without us.
        let is_told = |(place, one): &(&(Oid, Oid, i32), &TemporaryObject)| {
            !left.0.contains_key(*place) && (one.relation == 0 || left.0.contains_key(&(RELATIONS, one.relation, 0)))
        };
        Ok(self.0.iter().filter(is_told).map(|(_, one)| one.description.as_str()).collect())
    }

    async fn find(client: &Client, all: bool) -> Result<Self, Error> {
        let rows = client.query(include_str!("temporary.sql"), &[&all]).await?;
        let read = |row: &tokio_postgres::Row| {
            let object = TemporaryObject { relation: row.try_get(3)?, description: row.try_get(4)? };
            Ok(((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), object))
        };
        Ok(Temporary(rows.iter().map(read).collect::<Result<_, Error>>()?))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A sentence for each: what became of others' tables and changes, what nobody could make again and is gone, and temporary objects that had to go.
pub fn told(others: Vec<String>, (unmade, after): (&BTreeSet<ObjectKey>, &Snapshot), temporary: &[&str]) -> Vec<String> {
    let lost = unmade.iter().filter(|key| !after.objects.contains_key(*key));
    let lost = lost.map(|key| format!("{key}, which others made meanwhile, had to be dropped and can't be made again"));
    let temporary =
        temporary.iter().map(|what| format!("{what} is gone: it was temporary, and needed what had to be dropped"));
    others.into_iter().chain(lost).chain(temporary).collect()
}
