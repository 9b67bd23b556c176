//! Who holds locks on the targets right now: no reason to stop, but worth a word.

use tokio_postgres::{Client, Error, types::Oid};

use crate::postgres::relation::Relation;

pub(super) async fn warnings(client: &Client, targets: &[Relation]) -> Result<Vec<String>, Error> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    client.query(include_str!("locks.sql"), &[&oids]).await?.iter().map(|row| row.try_get(0)).collect()
}
