//! Reading a relation as its owner.
//!
//! The server calls functions in the indexes and statistics of a relation with the rights of whoever reads it, already where it plans the
//! query. They may be anybody's, and a superuser's rights are none of theirs.

use tokio_postgres::{Client, Error, types::Type};

/// Does something in the open transaction as the owner of a relation, whose name comes quoted, where the session's role is a superuser and
/// the owner is none and may read it; else as the session's role. Outside of a transaction it is that one, too.
///
/// # Errors
/// What the server said to the work, or to who does it.
pub async fn as_owner<T>(client: &Client, relation: &str, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let rows = client.query_typed(include_str!("as_owner/owner_to_ask.sql"), &[(&relation, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return work.await };
    let (owner, before): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    set_role(client, &owner).await?;
    let done = work.await;
    let back = set_role(client, &before).await;
    done.and_then(|done| back.map(|()| done))
}

/// For the transaction: where something fails, it goes with that, or with the savepoint.
async fn set_role(client: &Client, role: &str) -> Result<(), Error> {
    const SET: &str = "SELECT pg_catalog.set_config('role', $1, true)";
    client.query_typed(SET, &[(&role, Type::TEXT)]).await.map(drop)
}
