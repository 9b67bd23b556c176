//! A run waits before its next batch, or goes on.

use tokio_postgres::Client;

use super::{
    database::DatabaseAccess,
    problem::OperationProblem,
    runs::{ReplayedRun, one, unfinished},
};
use crate::postgres::journal;

/// Lets a run wait before its next batch: that whose id begins like this, or the only one that has not ended. Whoever looks at it is told
/// the reason.
///
/// # Errors
/// Where no such run is under way.
pub async fn pause(database: &DatabaseAccess, run: Option<&str>, reason: &str) -> Result<ReplayedRun, OperationProblem> {
    let connection = database.connect().await?;
    let found = going(&connection.client, run).await?;
    journal::pause(&connection.client, found.summary.run, reason).await.map_err(OperationProblem::unreadable)?;
    Ok(found)
}

/// Lets a paused run go on. Says which it is, and whether it was paused.
///
/// # Errors
/// Where no such run is under way.
pub async fn go_on(database: &DatabaseAccess, run: Option<&str>) -> Result<(ReplayedRun, bool), OperationProblem> {
    let connection = database.connect().await?;
    let found = going(&connection.client, run).await?;
    let was_paused = journal::go_on(&connection.client, found.summary.run).await.map_err(OperationProblem::unreadable)?;
    Ok((found, was_paused))
}

/// The run that is meant, if it has not ended.
async fn going(client: &Client, id: Option<&str>) -> Result<ReplayedRun, OperationProblem> {
    let found = match id {
        Some(id) => Some(one(client, Some(id)).await?),
        None => unfinished(client).await?,
    };
    found.filter(|found| found.summary.ended_at.is_none()).ok_or_else(|| {
        let help = "`backstop status` lists the runs that have not ended.";
        OperationProblem::usage("backstop::cli::no_run", "no run is under way", help)
    })
}
