//! Whether a saved plan was used: the journal knows it by its id.

use tokio_postgres::{Client, Error, error::SqlState};
use uuid::Uuid;

use crate::{machine::Failure, postgres::error_class};

/// A run of a saved plan that may have changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlanUse {
    /// The run that the saved plan was applied by.
    pub run: Uuid,
    /// By which the journal knows what was applied.
    pub plan: String,
    /// RFC 3339.
    pub at: String,
}

/// The runs of the saved plan with this id, without those that ended before they had changed anything.
///
/// # Errors
/// What the server said; a journal that is not there knows of none.
pub async fn uses(client: &Client, saved_plan: &str) -> Result<Vec<SavedPlanUse>, Failure> {
    const LOOK: &str = "SELECT r.run, r.plan, to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
        FROM backstop.runs AS r JOIN backstop.events AS e ON e.run = r.run AND e.seq = 1
        WHERE e.event -> 'saved_plan' ->> 'id' = $1 AND coalesce(to_jsonb(r) ->> 'outcome', to_jsonb(r) ->> 'ending') IS DISTINCT FROM 'aborted'
        ORDER BY r.started_at";
    let rows = match client.query(LOOK, &[&saved_plan]).await {
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Vec::new(),
        answer => answer.map_err(|error: Error| error_class::failure("backstop::journal::not_read", &error))?,
    };
    let used =
        |row: &tokio_postgres::Row| Ok(SavedPlanUse { run: row.try_get(0)?, plan: row.try_get(1)?, at: row.try_get(2)? });
    let uses = rows.iter().map(used).collect::<Result<_, Error>>();
    uses.map_err(|error| error_class::failure("backstop::journal::not_read", &error))
}
