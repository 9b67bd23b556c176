//! Which database it is, as far as the role may know, whether or not it has a journal.

use tokio_postgres::{Client, Error, Row, error::SqlState, types::FromSql};
use uuid::Uuid;

use crate::{machine::Failure, postgres::error_class};

/// Which database, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `current_database()`
    pub database: String,
    /// `pg_database.oid`
    pub oid: u32,
    /// `pg_control_system().system_identifier`, which standbys share; none where the role may not ask.
    pub system_identifier: Option<i64>,
    /// The mark of its journal; none where there is no journal, or the role may not read it.
    pub journal: Option<Uuid>,
    /// `session_user`
    pub role: String,
    /// The server's clock, RFC 3339 in UTC.
    pub now: String,
}

/// Asks, outside a transaction.
///
/// # Errors
/// `backstop::plan::not_looked`, with what the server said.
pub async fn moment(client: &Client) -> Result<Moment, Failure> {
    const LOOK: &str = "SELECT d.datname::text, d.oid, session_user::text,
               to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
        FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()";
    let failed = |error: Error| error_class::failure("backstop::plan::not_looked", &error);
    let row = client.query_one(LOOK, &[]).await.map_err(failed)?;
    let system = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
    let journal = "SELECT database FROM backstop.meta";
    Ok(Moment {
        database: row.try_get(0).map_err(failed)?,
        oid: row.try_get(1).map_err(failed)?,
        role: row.try_get(2).map_err(failed)?,
        now: row.try_get(3).map_err(failed)?,
        system_identifier: if_allowed(client.query_opt(system, &[]).await).map_err(failed)?,
        journal: if_allowed(client.query_opt(journal, &[]).await).map_err(failed)?,
    })
}

/// Nothing where the role may not ask, or there is nothing to ask.
fn if_allowed<T: for<'a> FromSql<'a>>(answer: Result<Option<Row>, Error>) -> Result<Option<T>, Error> {
    let nothing = [
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
    ];
    match answer {
        Ok(Some(row)) => row.try_get(0),
        Ok(None) => Ok(None),
        Err(error) if error.code().is_some_and(|state| nothing.contains(state)) => Ok(None),
        Err(error) => Err(error),
    }
}
