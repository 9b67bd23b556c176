//! The server's own progress reports (<https://www.postgresql.org/docs/current/progress-reporting.html>).

use tokio_postgres::{Client, Error, Row};

/// The first version, as `server_version_num` has it, that reports on COPY.
const REPORTS_COPY: u32 = 140_000;

/// How far a long statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementProgress {
    /// `pg_stat_activity.pid`
    pub pid: i32,
    /// What is done, a fragment: "building index profiles_org_id_idx: scanning table".
    pub what: String,
    /// How much is done.
    pub done: u64,
    /// Of how much, where it is known.
    pub total: Option<u64>,
    /// In what.
    pub unit: Unit,
}

/// What progress is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Blocks of a table, 8 KiB each as servers are built by default.
    Blocks,
    /// Rows.
    Rows,
    /// Bytes.
    Bytes,
    /// Other sessions that are waited for.
    Sessions,
}

/// How far the sessions with these processes are; nothing where they do nothing that the server reports on.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn look(observer: &Client, server_version: u32, pids: &[i32]) -> Result<Vec<StatementProgress>, Error> {
    let mut sql = include_str!("look.sql").trim_end().to_owned();
    if server_version >= REPORTS_COPY {
        sql.push_str("\nUNION ALL\n");
        sql.push_str(include_str!("look_copy.sql"));
    }
    let rows = observer.query(&sql, &[&pids]).await?;
    // What a role may not see of others' sessions is NULL.
    rows.iter().filter_map(|row| progress(row).transpose()).collect()
}

fn progress(row: &Row) -> Result<Option<StatementProgress>, Error> {
    let Some(what) = row.try_get(1)? else { return Ok(None) };
    let unsigned = |index| Ok(row.try_get::<_, Option<i64>>(index)?.and_then(|count| u64::try_from(count).ok()));
    let total: Option<u64> = unsigned(3)?;
    Ok(Some(StatementProgress {
        pid: row.try_get(0)?,
        what,
        done: unsigned(2)?.unwrap_or_default(),
        total: total.filter(|total| *total > 0),
        unit: match row.try_get(4)? {
            Some("rows") => Unit::Rows,
            Some("bytes") => Unit::Bytes,
            Some("sessions") => Unit::Sessions,
            _ => Unit::Blocks,
        },
    }))
}
