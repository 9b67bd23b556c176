//! How plans stand in a database, all of them by one question.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::{install::is_installed, store::RFC3339};
use crate::{machine::Failure, postgres::error_class};

/// How a plan stands in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalPlanState {
    /// Its last application, where there is one.
    pub applied: Option<Application>,
    /// Its newest run, where that has not ended.
    pub unfinished: Option<Uuid>,
}

/// An application of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The run that did it.
    pub run: Uuid,
    /// RFC 3339.
    pub at: String,
}

/// How plans of these names stand. Every name has an answer.
///
/// # Errors
/// When the journal can't be read.
pub async fn plan_states(client: &Client, names: &[&str]) -> Result<BTreeMap<String, JournalPlanState>, Failure> {
    let mut plan_states: BTreeMap<_, _> =
        names.iter().map(|name| ((*name).to_owned(), JournalPlanState::default())).collect();
    if names.is_empty() || !is_installed(client).await? {
        return Ok(plan_states);
    }
    let sql = format!(
        "SELECT n.name, a.fingerprint, a.run, to_char(a.at AT TIME ZONE 'UTC', {RFC3339}), u.run
         FROM unnest($1::text[]) AS n (name)
         LEFT JOIN backstop.applied AS a ON a.plan = n.name
         LEFT JOIN LATERAL (
             SELECT r.run FROM backstop.runs AS r
             WHERE r.plan = n.name AND r.ended_at IS NULL ORDER BY r.started_at DESC LIMIT 1
         ) AS u ON true"
    );
    let rows =
        client.query(&sql, &[&names]).await.map_err(|error| error_class::failure("backstop::journal::not_read", &error))?;
    for row in &rows {
        let (name, state) = plan_state(row).map_err(|error| error_class::failure("backstop::journal::not_read", &error))?;
        plan_states.insert(name, state);
    }
    Ok(plan_states)
}

fn plan_state(row: &Row) -> Result<(String, JournalPlanState), Error> {
    let fingerprint: Option<String> = row.try_get(1)?;
    let applied = match fingerprint {
        Some(fingerprint) => Some(Application { fingerprint, run: row.try_get(2)?, at: row.try_get(3)? }),
        None => None,
    };
    Ok((row.try_get(0)?, JournalPlanState { applied, unfinished: row.try_get(4)? }))
}
