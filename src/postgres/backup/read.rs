//! A complete backup's manifest, as it may be used now.

use tokio_postgres::Client;

use crate::{
    drive::{backups::Backups, manifest::Manifest},
    machine::Failure,
    postgres::{error_class::failure, expressions::safe_paths},
};

/// Where backups of a PostgreSQL database are kept.
pub type Store = dyn Backups<Client>;

/// Reads a backup's manifest. Paths that others could slip something into by now are left out of it.
///
/// # Errors
/// As [`Backups::manifest`], or `backstop::backup::not_read` with what the server said.
pub async fn read(store: &Store, client: &Client, id: &str) -> Result<Manifest, Failure> {
    let manifest = store.manifest(client, id).await?;
    let paths = safe_paths(client, &manifest).await;
    Ok(Manifest { paths: paths.map_err(|error| failure("backstop::backup::not_read", &error))?, ..manifest })
}
