//! What can be seen of a step of which nobody knows whether it was applied: for a person who is to say so. Nothing is changed.

use tokio_postgres::{Client, Error};

use super::probe;
use crate::{
    machine::Failure,
    plan::{PlanName, StepId},
    postgres::{error_class, search_path::PlanPath, session::application_name},
    secrets,
    sql::{ConcurrentIndex, DetachedPartition, Statement, split},
};

const FAILED: &str = "backstop::run::no_evidence";

/// The step that is asked about, as the journal has it.
#[derive(Debug, Clone, Copy)]
pub struct Doubtful<'a> {
    /// The plan.
    pub plan: &'a PlanName,
    /// The step.
    pub step: &'a StepId,
    /// Its SQL, as it may be shown.
    pub sql: &'a str,
    /// Its probe.
    pub probe: Option<&'a str>,
    /// The schemas that unqualified names are looked up in.
    pub search_path: &'a [String],
}

/// What can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Sessions in which the step still runs, a line each.
    pub running: Vec<String>,
    /// What the probe and the catalog say, a line each.
    pub facts: Vec<String>,
}

/// Looks whether the step still runs in a session, asks its probe, and reads what the catalog knows of its statements.
///
/// # Errors
/// `backstop::run::no_evidence`, with what the server said.
pub async fn evidence(client: &Client, doubtful: &Doubtful<'_>) -> Result<Evidence, Failure> {
    let failed = |error| error_class::failure(FAILED, &error);
    let name = application_name(doubtful.plan, Some(doubtful.step));
    let mut found = Evidence { running: sessions(client, &name).await.map_err(failed)?, facts: Vec::new() };
    let path = &PlanPath::of_schemas(doubtful.search_path);
    if let Some(probe) = doubtful.probe {
        found.facts.push(match probe::ask(client, path, probe).await {
            Ok(Some(true)) => "the probe says that it is applied".to_owned(),
            Ok(Some(false)) => "the probe says that it is not applied".to_owned(),
            Ok(None) => "the probe doesn't answer with one boolean".to_owned(),
            Err(failure) => format!("the probe could not be asked: {}", failure.message),
        });
    }
    for statement in split(doubtful.sql).unwrap_or_default() {
        found.facts.extend(facts(client, path, &statement).await.map_err(failed)?);
    }
    if found.running.is_empty() {
        found.facts.push("no session runs it any more".to_owned());
    }
    if found.facts.len() == 1 {
        found.facts.push("nothing is known of its statements that the catalog could tell".to_owned());
    }
    Ok(found)
}

async fn sessions(client: &Client, name: &str) -> Result<Vec<String>, Error> {
    const SESSIONS: &str = "SELECT 'pid ' || pid || ', ' || coalesce(state, 'of another role') ||
               coalesce(' since ' || query_start::text, '') || coalesce(': ' || left(query, 200), '')
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND application_name = $1 AND pid <> pg_catalog.pg_backend_pid()
        ORDER BY pid";
    let rows = client.query(SESSIONS, &[&name]).await?;
    rows.iter().map(|row| row.try_get(0).map(secrets::redacted_cut)).collect()
}

async fn facts(client: &Client, path: &PlanPath, statement: &Statement) -> Result<Option<String>, Error> {
    if let Some(detached) = DetachedPartition::of(statement) {
        let word = match pending(client, path, &detached).await? {
            None => "is no partition of it any more",
            Some(true) => "is being detached: pending, to be finalized",
            Some(false) => "is still a partition of it",
        };
        return Ok(Some(format!("{} {word} ({})", detached.partition, detached.table)));
    }
    Ok(match ConcurrentIndex::of(statement) {
        Some(ConcurrentIndex::Create { name: Some(name), table }) => {
            let word = match validity(client, path, &table.quoted(), &name).await? {
                None => "does not exist",
                Some(true) => "exists and is valid",
                Some(false) => "exists, and is INVALID: its build was cut off or is under way",
            };
            Some(format!("index {name} of {table} {word}"))
        }
        Some(ConcurrentIndex::Create { name: None, table }) => Some(format!("the index of {table} has no name of its own")),
        Some(ConcurrentIndex::Drop { index }) => {
            let found = path.relation(client, &index.quoted()).await?;
            Some(format!("index {index} {}", if found.is_none() { "does not exist" } else { "exists" }))
        }
        None => None,
    })
}

/// Whether the index of this table is valid; none where there is no such index.
pub(super) async fn validity(client: &Client, path: &PlanPath, table: &str, index: &str) -> Result<Option<bool>, Error> {
    const VALIDITY: &str = "SELECT i.indisvalid AND i.indisready
        FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid = $1 AND c.relname = $2";
    let table = path.relation(client, table).await?;
    client.query_opt(VALIDITY, &[&table, &index]).await?.map(|row| row.try_get(0)).transpose()
}

/// Whether the detachment of the partition is pending; none where it is no partition of that table (any more).
pub(super) async fn pending(client: &Client, path: &PlanPath, detached: &DetachedPartition) -> Result<Option<bool>, Error> {
    const PENDING: &str = "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhparent = $1 AND inhrelid = $2";
    let table = path.relation(client, &detached.table.quoted()).await?;
    let partition = path.relation(client, &detached.partition.quoted()).await?;
    client.query_opt(PENDING, &[&table, &partition]).await?.map(|row| row.try_get(0)).transpose()
}
