//! Pauses: a person's wish that a run's steps in batches wait.

use tokio_postgres::{Client, error::SqlState};
use uuid::Uuid;

use crate::{machine::Failure, postgres::error_class, secrets};

/// Lets the run wait before its next batch. One that is paused already stays so.
///
/// # Errors
/// `backstop::journal::not_written`, with what the server said.
pub async fn pause(client: &Client, run: Uuid, reason: &str) -> Result<(), Failure> {
    const PAUSE: &str =
        "INSERT INTO backstop.pauses (run, actor, reason) VALUES ($1, session_user, $2) ON CONFLICT DO NOTHING";
    let done = client.execute(PAUSE, &[&run, &secrets::redacted(reason)]).await;
    done.map(drop).map_err(|error| error_class::failure("backstop::journal::not_written", &error))
}

/// Lets a paused run go on; false where it was not paused.
///
/// # Errors
/// `backstop::journal::not_written`, with what the server said.
pub async fn go_on(client: &Client, run: Uuid) -> Result<bool, Failure> {
    let done = client.execute("DELETE FROM backstop.pauses WHERE run = $1", &[&run]).await;
    done.map(|rows| rows > 0).map_err(|error| error_class::failure("backstop::journal::not_written", &error))
}

/// Who has paused the run, and why; none where it is not paused, or the journal is older than pauses.
///
/// # Errors
/// `backstop::journal::not_read`, with what the server said.
pub async fn paused(client: &Client, run: Uuid) -> Result<Option<String>, Failure> {
    const PAUSED: &str = "SELECT actor || CASE WHEN reason = '' THEN '' ELSE ' (' || reason || ')' END
        FROM backstop.pauses WHERE run = $1";
    let row = client.query_opt(PAUSED, &[&run]).await;
    let row = match row {
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(None),
        row => row,
    };
    let paused = row.and_then(|row| row.map(|row| row.try_get(0)).transpose());
    paused.map_err(|error| error_class::failure("backstop::journal::not_read", &error))
}
