//! Where sequences stand.

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{ObjectKey, ObjectKind, Snapshot},
    postgres::{
        capture::{Positions, positions},
        privileged::privileged,
    },
};

/// The positions of these sequences, as far as the role may read them. Positions belong to no snapshot: they are those of the
/// moment.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn readable_positions(client: &Client, sequences: &[&ObjectKey]) -> Result<Positions, Error> {
    let readable: Vec<ObjectKey> = privileged(client, sequences, &["SELECT"]).await?.into_iter().cloned().collect();
    positions(client, &readable).await
}

/// The sequences of a snapshot.
pub fn sequences(snapshot: &Snapshot) -> Vec<&ObjectKey> {
    snapshot.objects.keys().filter(|key| key.kind == ObjectKind::Sequence).collect()
}
