//! A backup that belongs to no run.

use tokio_postgres::Client;

use super::{
    clear::discard,
    take::{Request, Sessions, Taken, complete_in, take},
};
use crate::{
    drive::port::Interrupt,
    machine::Failure,
    postgres::{fault::failure, transaction},
};

/// Takes a backup outside of any run: complete and verified, or not there. The caller holds the run lock.
///
/// # Errors
/// As [`take`] and [`complete_in`].
pub async fn take_alone(
    request: &Request<'_>,
    client: &Client,
    interrupt: &(dyn Interrupt + Sync),
) -> Result<Taken, Failure> {
    const NOT_COMPLETED: &str = "backstop::backup::not_completed";
    let taken = take(request, Sessions::Shared { coordinator: client, workers: &[] }, interrupt).await?;
    client.batch_execute("BEGIN").await.map_err(|error| failure(NOT_COMPLETED, &error))?;
    let done = complete_in(client, &taken).await;
    match transaction::end(client, done, NOT_COMPLETED).await {
        Ok(()) => Ok(taken),
        Err(failure) => {
            // What can't be cleared now, the next run clears.
            let _ = discard(client, &taken.id).await;
            Err(failure)
        }
    }
}
