//! Databases that are made for a trial and dropped after it.

use tokio_postgres::Client;

use crate::{
    machine::Failure,
    postgres::error_class::failure,
    sql::quote::{ident, literal},
};

/// How the names of scratch databases begin; the process that made one and when that was begun follow, so that those of
/// crashed programs can be told.
pub const PREFIX: &str = "backstop_trial_";

const NOT_MADE: &str = "backstop::trial::no_database";
const NOT_REMOVED: &str = "backstop::trial::not_removed";

/// Whether the role may make databases.
///
/// # Errors
/// `backstop::trial::no_database` with what the server said.
pub async fn may_create(client: &Client) -> Result<bool, Failure> {
    const LOOK: &str = "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
    let failed = |error| failure(NOT_MADE, &error);
    client.query_one(LOOK, &[]).await.map_err(failed)?.try_get(0).map_err(failed)
}

/// Makes an empty database of this name with encoding, locale and tablespace of the one that the client is connected to.
///
/// # Errors
/// `backstop::trial::no_database` with what the server said.
pub async fn create(client: &Client, name: &str) -> Result<(), Failure> {
    let failed = |error| {
        let mut failure = failure(NOT_MADE, &error);
        failure.message = format!("the database {name} could not be made: {}", failure.message);
        failure
    };
    let row = client.query_one(include_str!("settings.sql"), &[]).await.map_err(failed)?;
    let settings: String = row.try_get(0).map_err(failed)?;
    let create = format!("CREATE DATABASE {} TEMPLATE template0 {settings}", ident(name));
    client.batch_execute(&create).await.map_err(failed)
}

/// The name of a scratch database that this session may make.
///
/// # Errors
/// `backstop::trial::no_database` with what the server said.
pub async fn own_name(client: &Client) -> Result<String, Failure> {
    const NAME: &str = "SELECT a.pid || '_' || (extract(epoch FROM a.backend_start) * 1000000)::pg_catalog.int8 \
                        FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = pg_catalog.pg_backend_pid()";
    let failed = |error| failure(NOT_MADE, &error);
    let mark: String = client.query_one(NAME, &[]).await.map_err(failed)?.try_get(0).map_err(failed)?;
    Ok(format!("{PREFIX}{mark}"))
}

/// Drops a database, whoever is in it.
///
/// # Errors
/// `backstop::trial::not_removed` with what the server said.
pub async fn remove(client: &Client, name: &str) -> Result<(), Failure> {
    let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", ident(name));
    client.batch_execute(&drop).await.map_err(|error| {
        let mut failure = failure(NOT_REMOVED, &error);
        failure.message = format!("the scratch database {name} could not be dropped: {}", failure.message);
        failure.hint(format!(
            "Drop it: DROP DATABASE {} WITH (FORCE); the next `backstop backup verify` tries it, too.",
            ident(name)
        ))
    })
}

/// Drops the scratch databases of sessions that are gone, as far as the role may. Returns how many.
///
/// # Errors
/// `backstop::trial::not_removed` with what the server said.
pub async fn remove_stale(client: &Client) -> Result<usize, Failure> {
    let stale = include_str!("stale.sql").replace("$PATTERN", &literal(&format!("^{PREFIX}[0-9]+_[0-9]+$")));
    let failed = |error| failure(NOT_REMOVED, &error);
    let mut removed = 0;
    for row in client.query(&stale, &[]).await.map_err(failed)? {
        let name: String = row.try_get(0).map_err(failed)?;
        remove(client, &name).await?;
        removed += 1;
    }
    Ok(removed)
}
