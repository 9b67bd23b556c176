//! The end of a transaction that was begun by hand.

use tokio_postgres::{Client, error::SqlState};

use super::error_class::failure;
use crate::machine::Failure;

/// Begins one, whatever the session's default isolation level is: what a plan's SQL left behind counts for nothing.
pub const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// How often a ROLLBACK is tried that a late cancel request hits.
const ROLLBACKS_MAX: u32 = 5;

/// Commits where all went well, rolls back where it did not.
///
/// # Errors
/// What went wrong before, or what the server said to COMMIT, under the code.
pub async fn end<T>(client: &Client, done: Result<T, Failure>, code: &str) -> Result<T, Failure> {
    match done {
        Ok(value) => client.batch_execute("COMMIT").await.map(|()| value).map_err(|error| failure(code, &error)),
        Err(why) => {
            roll_back(client).await;
            Err(why)
        }
    }
}

/// Rolls back. What went wrong before is what people need to know; a ROLLBACK that fails too ends with the connection. One
/// that a late cancel request hits is said again.
pub async fn roll_back(client: &Client) {
    for _ in 0..ROLLBACKS_MAX {
        match client.batch_execute("ROLLBACK").await {
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {}
            _ => return,
        }
    }
}
