//! The end of a transaction that was begun by hand.

use tokio_postgres::Client;

use super::fault::failure;
use crate::machine::Failure;

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

/// Rolls back. What went wrong before is what people need to know; a ROLLBACK that fails too ends with the connection.
pub async fn roll_back(client: &Client) {
    let _ = client.batch_execute("ROLLBACK").await;
}
