//! What lets sessions of the run through its fence. It stands in the journal, which the application can't read: to know the run's
//! id, or the triggers, is not enough.

use tokio_postgres::{Client, Error, types::Type};

use crate::{machine::Failure, postgres::error_class::failure};

/// For how long a session is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lets {
    /// Until the open transaction ends.
    Transaction,
    /// Until the session's settings are reset.
    Session,
}

/// Lets the session through the run's fence, where the run has one. The server takes the pass from the journal itself, so that it
/// shows in no statement.
///
/// # Errors
/// `backstop::fence::not_announced` with what the server said.
pub async fn announce(client: &Client, run: &str, lets: Lets) -> Result<(), Failure> {
    const ANNOUNCE: &str = "SELECT pg_catalog.set_config('backstop.run', f.pass, $2) FROM backstop.fences AS f \
                            WHERE f.run OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.uuid";
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&run, Type::TEXT), (&(lets == Lets::Transaction), Type::BOOL)];
    let done = client.query_typed(ANNOUNCE, &parameters).await;
    done.map(drop).map_err(|error| failure("backstop::fence::not_announced", &error))
}

/// Writes down that the run's fence is up, with a pass where it has none yet. Gives the pass's digest in hexadecimal.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub(super) async fn raised(client: &Client, run: &str) -> Result<String, Error> {
    const RAISE: &str = "INSERT INTO backstop.fences AS f (run) VALUES ($1::pg_catalog.text::pg_catalog.uuid) \
                         ON CONFLICT (run) DO UPDATE SET down = false \
                         RETURNING pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(f.pass, 'UTF8')), 'hex')";
    client.query_one(RAISE, &[&run]).await?.try_get(0)
}
