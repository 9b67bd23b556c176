//! What the session's role may do with relations, whichever schemas they are in.

use tokio_postgres::{Client, Error};

use crate::catalog::ObjectKey;

/// Those of the relations on which the role has all of these privileges, and in whose schema it may use what is there.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn privileged<'k>(
    client: &Client,
    relations: &[&'k ObjectKey],
    privileges: &[&str],
) -> Result<Vec<&'k ObjectKey>, Error> {
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        relations.iter().map(|key| (key.schema.as_str(), key.name.as_str())).unzip();
    let rows = client.query(include_str!("privileged/privileged.sql"), &[&schemas, &names, &privileges]).await?;
    let mut found = Vec::new();
    for (key, row) in relations.iter().zip(rows) {
        if row.try_get(0)? {
            found.push(*key);
        }
    }
    Ok(found)
}
