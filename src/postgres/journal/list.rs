//! Runs and applied plans, for status, history and the question whether there is anything to do.

use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::{install::is_installed, store::RFC3339};
use crate::{machine::Failure, plan::PlanName, postgres::error_class};

/// How a run ended, as far as its last event says; the machine's replay of all of its events knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedOutcome {
    /// Migrated and validated.
    Succeeded,
    /// Before any step; nothing was changed.
    Aborted,
    /// Brought back.
    Restored,
    /// A person accepted the database as it stood.
    Accepted,
}

/// A run, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// UUID version 7, so that runs sort by their beginning.
    pub run: Uuid,
    /// As its file had it.
    pub plan: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The schema of its backup.
    pub backup_schema: String,
    /// Role and program that started it.
    pub actor: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339; none while it waits or runs.
    pub ended_at: Option<String>,
    /// How it ended.
    pub ended: Option<ListedOutcome>,
    /// Kind of its last event.
    pub last_event: String,
    /// RFC 3339.
    pub last_at: String,
    /// How many events it has.
    pub events: u64,
}

/// A plan whose changes are in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// As its file had it.
    pub plan: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The run that did it.
    pub run: Uuid,
    /// RFC 3339.
    pub at: String,
    /// The rendered plan, secrets redacted.
    pub rendered: String,
}

/// The newest runs, at most so many, of one plan or of all.
///
/// # Errors
/// When the journal can't be read.
pub async fn list_runs(client: &Client, plan: Option<&PlanName>, limit: u32) -> Result<Vec<RunSummary>, Failure> {
    let plan = plan.map(PlanName::as_str);
    runs(client, "WHERE $1::text IS NULL OR r.plan = $1", &plan, limit).await
}

/// The runs whose id begins like this: one where the beginning is long enough.
///
/// # Errors
/// When the journal can't be read.
pub async fn find_runs(client: &Client, id: &str) -> Result<Vec<RunSummary>, Failure> {
    /// More than one is already too many to choose from.
    const AMBIGUOUS: u32 = 10;
    runs(client, "WHERE starts_with(r.run::text, lower($1))", &Some(id), AMBIGUOUS).await
}

/// The newest run of the plan that has not ended.
///
/// # Errors
/// When the journal can't be read.
pub async fn unfinished_run(client: &Client, plan: &PlanName) -> Result<Option<RunSummary>, Failure> {
    Ok(runs(client, "WHERE r.ended_at IS NULL AND r.plan = $1", &Some(plan.as_str()), 1).await?.pop())
}

/// All runs that have not ended, the newest first: one at most, but for runners that were never resumed.
///
/// # Errors
/// When the journal can't be read.
pub async fn unfinished_runs(client: &Client) -> Result<Vec<RunSummary>, Failure> {
    /// More are not worth listing.
    const RUNS_MAX: u32 = 100;
    runs(client, "WHERE r.ended_at IS NULL AND $1::text IS NULL", &None, RUNS_MAX).await
}

/// The runs that committed steps after the backup was begun, the one that took it among them; in order. A run that had begun before,
/// and was held while somebody took the backup, is one of them.
///
/// # Errors
/// When the journal can't be read.
pub async fn runs_since(client: &Client, backup: &str) -> Result<Vec<Uuid>, Failure> {
    const SINCE: &str = "SELECT r.run FROM backstop.runs AS r, backstop.backups AS b
        WHERE b.id = $1 AND (r.run::text = b.run::text OR EXISTS (
            SELECT FROM backstop.events AS e WHERE e.run = r.run AND e.kind = 'step_committed' AND e.at > b.created_at))
        ORDER BY r.started_at, r.run";
    let rows = client
        .query(SINCE, &[&backup])
        .await
        .map_err(|error| error_class::failure("backstop::journal::not_read", &error))?;
    rows.iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()
        .map_err(|error| error_class::failure("backstop::journal::not_read", &error))
}

/// All plans that are applied, in the order of their application.
///
/// # Errors
/// When the journal can't be read.
pub async fn applied(client: &Client) -> Result<Vec<Applied>, Failure> {
    if !is_installed(client).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT plan, fingerprint, run, to_char(at AT TIME ZONE 'UTC', {RFC3339}), rendered
         FROM backstop.applied ORDER BY at"
    );
    let rows = client.query(&sql, &[]).await.map_err(|error| error_class::failure("backstop::journal::not_read", &error))?;
    let applied = |row: &Row| {
        Ok(Applied {
            plan: row.try_get(0)?,
            fingerprint: row.try_get(1)?,
            run: row.try_get(2)?,
            at: row.try_get(3)?,
            rendered: row.try_get(4)?,
        })
    };
    rows.iter()
        .map(applied)
        .collect::<Result<_, _>>()
        .map_err(|error| error_class::failure("backstop::journal::not_read", &error))
}

/// The plan of this name, where it is applied.
///
/// # Errors
/// When the journal can't be read.
pub async fn applied_plan(client: &Client, plan: &PlanName) -> Result<Option<Applied>, Failure> {
    Ok(applied(client).await?.into_iter().find(|applied| applied.plan == plan.as_str()))
}

// Who only looks at a journal of an older version leaves it as it is; `outcome` was `ending` up to version 2.
async fn runs(client: &Client, filter: &str, value: &Option<&str>, limit: u32) -> Result<Vec<RunSummary>, Failure> {
    if !is_installed(client).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT r.run, r.plan, r.fingerprint, r.backup_schema, r.actor,
                to_char(r.started_at AT TIME ZONE 'UTC', {RFC3339}), to_char(r.ended_at AT TIME ZONE 'UTC', {RFC3339}),
                coalesce(to_jsonb(r) ->> 'outcome', to_jsonb(r) ->> 'ending'), last.kind, to_char(last.at AT TIME ZONE 'UTC', {RFC3339}), last.seq
         FROM backstop.runs AS r
         JOIN LATERAL (SELECT e.kind, e.at, e.seq FROM backstop.events AS e WHERE e.run = r.run ORDER BY e.seq DESC LIMIT 1)
              AS last ON true
         {filter}
         ORDER BY r.started_at DESC LIMIT {limit}"
    );
    let rows =
        client.query(&sql, &[value]).await.map_err(|error| error_class::failure("backstop::journal::not_read", &error))?;
    rows.iter()
        .map(summary)
        .collect::<Result<_, _>>()
        .map_err(|error| error_class::failure("backstop::journal::not_read", &error))
}

/// A run that was restored but for differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredExcept {
    /// UUID, as text.
    pub run: String,
    /// Its plan's name.
    pub plan: String,
    /// How many differences it left.
    pub differences: u64,
}

/// The runs that were restored but for differences, as long as their plan has no later run.
///
/// # Errors
/// `backstop::journal::not_read` with what the server said.
pub async fn restored_except(client: &Client) -> Result<Vec<RestoredExcept>, Failure> {
    let failed = |error| error_class::failure("backstop::journal::not_read", &error);
    if !is_installed(client).await? {
        return Ok(Vec::new());
    }
    let rows = client.query(include_str!("restored_except.sql"), &[]).await.map_err(failed)?;
    let read = |row: &Row| {
        let differences = u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or_default();
        Ok(RestoredExcept { run: row.try_get(0)?, plan: row.try_get(1)?, differences })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}

fn summary(row: &Row) -> Result<RunSummary, Error> {
    Ok(RunSummary {
        run: row.try_get(0)?,
        plan: row.try_get(1)?,
        fingerprint: row.try_get(2)?,
        backup_schema: row.try_get(3)?,
        actor: row.try_get(4)?,
        started_at: row.try_get(5)?,
        ended_at: row.try_get(6)?,
        ended: match row.try_get::<_, Option<&str>>(7)? {
            Some("succeeded") => Some(ListedOutcome::Succeeded),
            Some("aborted") => Some(ListedOutcome::Aborted),
            Some("restored") => Some(ListedOutcome::Restored),
            Some("accepted") => Some(ListedOutcome::Accepted),
            _ => None,
        },
        last_event: row.try_get(8)?,
        last_at: row.try_get(9)?,
        events: u64::try_from(row.try_get::<_, i64>(10)?).unwrap_or_default(),
    })
}
