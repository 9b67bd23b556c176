//! Where sequences stand.

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{ObjectKey, ObjectKind, Snapshot},
    postgres::capture::{Positions, positions},
    sql::quote::qualified,
};

/// The positions of these sequences, as far as the role may read them. Positions belong to no snapshot: they are those of the
/// moment.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn readable_positions(client: &Client, sequences: &[&ObjectKey]) -> Result<Positions, Error> {
    positions(client, &readable(client, sequences).await?).await
}

/// The sequences of a snapshot.
pub fn sequences(snapshot: &Snapshot) -> Vec<&ObjectKey> {
    snapshot.objects.keys().filter(|key| key.kind == ObjectKind::Sequence).collect()
}

async fn readable(client: &Client, sequences: &[&ObjectKey]) -> Result<Vec<ObjectKey>, Error> {
    const READABLE: &str = "SELECT coalesce(pg_catalog.has_sequence_privilege(pg_catalog.to_regclass(s.name), 'SELECT'), false) \
                            FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS s(name, place) ORDER BY s.place";
    let names: Vec<String> = sequences.iter().map(|key| qualified(&key.schema, &key.name)).collect();
    let mut readable = Vec::new();
    for (key, row) in sequences.iter().zip(client.query(READABLE, &[&names]).await?) {
        if row.try_get(0)? {
            readable.push((*key).clone());
        }
    }
    Ok(readable)
}
