//! The session, and the structure that it sees.

use tokio_postgres::Client;

use crate::{
    catalog::Snapshot,
    machine::Failure,
    postgres::{
        capture,
        connection::{self, ConnectError, ConnectOptions, Connection},
        fault,
    },
};

/// What sessions that only look are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop plan";

/// Opens a session in which the server refuses to write, whatever asks it to.
///
/// # Errors
/// As [`connection::connect`]; [`Refusal::Writable`] where the session could write all the same, because something on the way
/// keeps startup options to itself.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, Refusal> {
    let connection =
        connection::connect(&options.read_only(), APPLICATION).await.map_err(|e| Refusal::Connect(Box::new(e)))?;
    const SHOW: &str = "SELECT current_setting('transaction_read_only')::boolean AND current_setting('default_transaction_read_only')::boolean";
    let failed = |error| Refusal::Failed(fault::failure("backstop::plan::no_session", &error));
    if !connection.client.query_one(SHOW, &[]).await.and_then(|row| row.try_get::<_, bool>(0)).map_err(failed)? {
        return Err(Refusal::Writable(
            Failure::permanent(
                "backstop::plan::writable_session",
                "the session could write: the server did not get its startup option",
            )
            .hint("Connect to the server itself, not through a pooler that keeps startup options (`options`) to itself."),
        ));
    }
    Ok(connection)
}

/// Why there is no such session.
#[derive(Debug)]
pub enum Refusal {
    /// There is no session.
    Connect(Box<ConnectError>),
    /// It could write.
    Writable(Failure),
    /// It could not be asked.
    Failed(Failure),
}

/// The structure of the database, without these schemas and backstop's own.
///
/// # Errors
/// What the server said.
pub async fn structure(client: &Client, without: &[String]) -> Result<Snapshot, Failure> {
    capture::snapshot(client, without).await.map_err(|error| fault::failure("backstop::plan::not_looked", &error))
}
