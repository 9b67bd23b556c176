//! Captured writes, made again.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use crate::{drive::manifest::Manifest, machine::Failure, postgres::error_class::failure};

/// The functions that make captured writes again; belong to the journal's schema, beside the fence's.
pub const CARRY_OVER: &str = include_str!("carry_over.sql");

const NOT_READ: &str = "backstop::later_writes::not_read";

/// What became of captured changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CarriedOver {
    /// Those that were made again.
    pub whole: u64,
    /// Those that were made again but for some values, which stand in `backstop.quarantine`.
    pub curtailed: u64,
    /// Those that were not, and stand in `backstop.quarantine`.
    pub quarantined: u64,
    /// Rows that pointed to nothing and were taken out of their tables into `backstop.quarantine`.
    pub set_aside: u64,
}

/// Whether anything was captured since the backup. Nobody else can write to the tables any more.
///
/// # Errors
/// `backstop::later_writes::not_read`, with what the server said.
pub async fn are_captured(client: &Client, manifest: &Manifest) -> Result<bool, Failure> {
    const LOOK: &str = "SELECT EXISTS (SELECT FROM backstop.later_writes AS w WHERE w.run = $1::text::uuid AND w.columns IS NOT NULL \
                        AND ($2::text IS NULL OR NOT pg_visible_in_snapshot(w.transaction, $2::text::pg_snapshot)))";
    let row = client.query_one(LOOK, &[&manifest.run, &manifest.moment]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failure(NOT_READ, &error))
}

/// Captured changes that are not to be made again, by their numbers, each with the reason.
pub type RefusedChanges = BTreeMap<i64, String>;

/// Makes again what was captured since the backup, but for what is refused, in the restore's transaction, whose settings are
/// pinned. The rows stand as the backup has them, and nobody else can write to the tables.
///
/// # Errors
/// `backstop::later_writes::not_carried_over` with what the server said: trouble that is no fault of a single change.
pub async fn carry_over(client: &Client, manifest: &Manifest, refused: &RefusedChanges) -> Result<CarriedOver, Failure> {
    const CARRY: &str = "SELECT * FROM backstop.carry_over($1::text::uuid, $2::text::pg_snapshot, \
                         (SELECT coalesce(jsonb_object_agg(r.seq, r.reason), '{}') FROM unnest($3::bigint[], $4::text[]) AS r (seq, reason)))";
    let failed = |error| failure("backstop::later_writes::not_carried_over", &error);
    let (numbers, reasons): (Vec<i64>, Vec<&str>) = refused.iter().map(|(number, reason)| (number, reason.as_str())).unzip();
    const UNDER: &str = "SELECT pg_catalog.set_config('backstop.evaluate_under', $1, true)";
    let settings = serde_json::to_string(&manifest.snapshot.settings).unwrap_or_default();
    client.execute(UNDER, &[&settings]).await.map_err(failed)?;
    let row = client.query_one(CARRY, &[&manifest.run, &manifest.moment, &numbers, &reasons]).await.map_err(failed)?;
    let count = |index: usize| row.try_get::<_, i64>(index).map(|count| u64::try_from(count).unwrap_or_default());
    Ok(CarriedOver {
        whole: count(0).map_err(failed)?,
        quarantined: count(1).map_err(failed)?,
        curtailed: count(2).map_err(failed)?,
        set_aside: 0,
    })
}

/// Forgets what was noted and captured during the run, in the open transaction. What is in quarantine stays.
///
/// # Errors
/// `backstop::later_writes::not_read`, with what the server said.
pub async fn forget_in(client: &Client, run: &str) -> Result<(), Failure> {
    const FORGET: &str = "DELETE FROM backstop.later_writes WHERE run = $1::text::uuid";
    client.execute(FORGET, &[&run]).await.map(drop).map_err(|error| failure(NOT_READ, &error))
}
