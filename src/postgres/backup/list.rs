//! Backups, as lists show them.

use tokio_postgres::{Client, Error, Row};

use crate::{machine::Failure, postgres::error_class::failure};

/// The query that gives the runs whose backups may still be needed.
pub const PINNED_RUNS: &str = include_str!("pinned.sql");

/// Whether a backup can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was never finished, or is being taken.
    Partial,
    /// It can.
    Complete,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Partial => "partial",
            Status::Complete => "complete",
        }
    }
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupInfo {
    /// Its id: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    pub id: String,
    /// The schema of the copies.
    pub schema: String,
    /// The plan that it was taken for.
    pub plan: String,
    /// The run that took it.
    pub run: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Whether it can be restored.
    pub status: Status,
    /// How many tables it holds.
    pub tables: u64,
    /// How many rows.
    pub rows: u64,
    /// How large the copies are.
    pub bytes: u64,
    /// Whether its run has not ended: it is never pruned then.
    pub pinned: bool,
}

/// All backups, the newest first.
///
/// # Errors
/// `backstop::backup::not_read` with what the server said.
pub async fn list(client: &Client) -> Result<Vec<BackupInfo>, Failure> {
    let failed = |error: Error| failure("backstop::backup::not_read", &error);
    const INSTALLED: &str = "SELECT pg_catalog.to_regclass('backstop.backups') IS NOT NULL, \
                             pg_catalog.to_regclass('backstop.runs') IS NOT NULL";
    let row = client.query_one(INSTALLED, &[]).await.map_err(failed)?;
    let (manifest, journal): (bool, bool) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    if !manifest {
        return Ok(Vec::new());
    }
    let pinned = if journal { PINNED_RUNS } else { "SELECT NULL::text AS run, NULL::text AS backup WHERE false" };
    let sql = format!("WITH pinned AS ({pinned}) {}", include_str!("list.sql"));
    let rows = client.query(&sql, &[]).await.map_err(failed)?;
    rows.iter().map(info).collect::<Result<_, _>>().map_err(failed)
}

fn info(row: &Row) -> Result<BackupInfo, Error> {
    let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
    let complete: bool = row.try_get(5)?;
    Ok(BackupInfo {
        id: row.try_get(0)?,
        schema: row.try_get(1)?,
        plan: row.try_get(2)?,
        run: row.try_get(3)?,
        created_at: row.try_get(4)?,
        status: if complete { Status::Complete } else { Status::Partial },
        tables: number(6)?,
        rows: number(7)?,
        bytes: number(8)?,
        pinned: row.try_get(9)?,
    })
}
