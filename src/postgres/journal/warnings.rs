//! What went wrong beside a run and did not change how it went on, in the journal.

use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::store::RFC3339;
use crate::{machine::Failure, postgres::error_class, secrets};

/// Stands behind the role in the name of a record's actor.
const PROGRAM: &str = concat!(" with backstop ", env!("CARGO_PKG_VERSION"));

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// When, RFC 3339.
    pub at: String,
    /// Its stable code.
    pub code: String,
    /// What went wrong, and what of it stays.
    pub message: String,
    /// DETAIL, and what helps.
    pub detail: Option<String>,
}

/// Keeps a warning, in a statement of its own.
///
/// # Errors
/// When it can't be written.
pub async fn warn(client: &Client, run: Uuid, failure: &Failure) -> Result<(), Failure> {
    const KEEP: &str = "INSERT INTO backstop.warnings (run, actor, code, message, detail)
        SELECT $1, pg_catalog.concat(session_user, $2::pg_catalog.text), $3, $4, $5";
    let failure = &mut failure.clone();
    failure.texts_mut().for_each(|text| *text = secrets::redacted(text).into_owned());
    let detail: Vec<&str> = failure.detail.iter().chain(&failure.hint).map(String::as_str).collect();
    let detail = (!detail.is_empty()).then(|| detail.join("\n"));
    let kept = client.execute(KEEP, &[&run, &PROGRAM, &failure.code, &failure.message, &detail]).await;
    kept.map(drop).map_err(|error| error_class::failure("backstop::journal::not_written", &error))
}

/// The warnings of a run, in order; none in a journal that is older than they are.
///
/// # Errors
/// When the journal can't be read.
pub async fn warnings(client: &Client, run: Uuid) -> Result<Vec<Warning>, Failure> {
    let failed = |error| error_class::failure("backstop::journal::not_read", &error);
    let there = client.query_one("SELECT pg_catalog.to_regclass('backstop.warnings') IS NOT NULL", &[]).await;
    if !there.and_then(|row| row.try_get::<_, bool>(0)).map_err(failed)? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT pg_catalog.to_char(w.at AT TIME ZONE 'UTC', {RFC3339}), w.code, w.message, w.detail
         FROM backstop.warnings AS w WHERE w.run OPERATOR(pg_catalog.=) $1 ORDER BY w.at, w.id"
    );
    let rows = client.query(&sql, &[&run]).await.map_err(failed)?;
    rows.iter().map(warning).collect::<Result<_, _>>().map_err(failed)
}

fn warning(row: &Row) -> Result<Warning, Error> {
    Ok(Warning { at: row.try_get(0)?, code: row.try_get(1)?, message: row.try_get(2)?, detail: row.try_get(3)? })
}
