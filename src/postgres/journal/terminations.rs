//! Sessions that runs ended because they were in the way too long.

use tokio_postgres::Client;
use uuid::Uuid;

use super::store::RFC3339;
use crate::{machine::Failure, postgres::error_class};

/// A session that was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Termination {
    /// RFC 3339, the server's clock.
    pub at: String,
    /// Role and program that ended it.
    pub actor: String,
    /// The server's process behind it.
    pub pid: i32,
    /// `pg_stat_activity.usename`; none where that is hidden.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// Where it came from; none for a local socket.
    pub address: Option<String>,
    /// Its last statement, cut.
    pub query: Option<String>,
}

/// The sessions that a run ended, in order; none in a journal of version 1.
///
/// # Errors
/// When the journal can't be read.
pub async fn terminations(client: &Client, run: Uuid) -> Result<Vec<Termination>, Failure> {
    let failed = |error| error_class::failure("backstop::journal::not_read", &error);
    let there = client.query_one("SELECT to_regclass('backstop.terminations') IS NOT NULL", &[]).await.map_err(failed)?;
    if !there.try_get::<_, bool>(0).map_err(failed)? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT to_char(at AT TIME ZONE 'UTC', {RFC3339}), actor, pid, role, application, address, query
         FROM backstop.terminations WHERE run = $1 ORDER BY at, pid"
    );
    let rows = client.query(&sql, &[&run]).await.map_err(failed)?;
    let termination = |row: &tokio_postgres::Row| {
        Ok(Termination {
            at: row.try_get(0)?,
            actor: row.try_get(1)?,
            pid: row.try_get(2)?,
            role: row.try_get(3)?,
            application: row.try_get(4)?,
            address: row.try_get(5)?,
            query: row.try_get(6)?,
        })
    };
    rows.iter().map(termination).collect::<Result<_, _>>().map_err(failed)
}
