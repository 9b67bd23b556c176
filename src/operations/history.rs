//! The runs that the journal holds: a list, and one again as it happened.

use super::{
    database::DatabaseAccess,
    problem::OperationProblem,
    runs::{ReplayedRun, one, read},
};
use crate::{plan::PlanName, postgres::journal};

pub use crate::postgres::journal::{Termination, Warning};

/// The newest runs, the newest first; only those of one plan where it is named.
///
/// # Errors
/// What keeps the journal from being read.
pub async fn history(
    database: &DatabaseAccess,
    plan: Option<&PlanName>,
    last: u32,
) -> Result<Vec<ReplayedRun>, OperationProblem> {
    let connection = database.connect().await?;
    let mut found = Vec::new();
    for summary in journal::list_runs(&connection.client, plan, last).await.map_err(OperationProblem::unreadable)? {
        found.push(read(&connection.client, summary).await?);
    }
    Ok(found)
}

/// A run, with all that the journal knows of it.
pub struct RunDetails {
    /// The run and its events.
    pub found: ReplayedRun,
    /// Sessions that it ended because they kept it waiting, the first one first.
    pub terminations: Vec<Termination>,
    /// What went wrong beside it and did not change how it went on.
    pub warnings: Vec<Warning>,
}

/// The run whose id begins like this; without an id the newest one.
///
/// # Errors
/// Where there is no such run, and what keeps the journal from being read.
pub async fn show(database: &DatabaseAccess, run: Option<&str>) -> Result<RunDetails, OperationProblem> {
    let connection = database.connect().await?;
    let client = &connection.client;
    let found = one(client, run).await?;
    let terminations = journal::terminations(client, found.summary.run).await.map_err(OperationProblem::unreadable)?;
    let warnings = journal::warnings(client, found.summary.run).await.map_err(OperationProblem::unreadable)?;
    Ok(RunDetails { found, terminations, warnings })
}
