//! A backup that belongs to no run.

use tokio_postgres::Client;

use super::{
    clear::discarded,
    take::{Request, Sessions, take},
};
use crate::{
    drive::manifest::Manifest,
    machine::Failure,
    postgres::{
        error_class::failure,
        interrupt::Guard,
        transaction::{self, BEGIN},
    },
};

/// Takes a backup outside of any run: complete and verified, or not there. With what it lacks all the same. The caller holds the
/// run lock.
///
/// # Errors
/// As [`take`], or what the store said.
pub async fn take_manual(
    request: &Request<'_>,
    client: &Client,
    guard: &Guard,
) -> Result<(Manifest, Option<Failure>), Failure> {
    const NOT_COMPLETED: &str = "backstop::backup::not_completed";
    let taken = take(request, Sessions::Shared { coordinator: client, workers: &[] }, guard).await?;
    client.batch_execute(BEGIN).await.map_err(|error| failure(NOT_COMPLETED, &error))?;
    let done = request.store.complete(client, &taken).await;
    match transaction::end(client, done, NOT_COMPLETED).await {
        Ok(shortcoming) => Ok((taken, shortcoming)),
        Err(failure) => Err(discarded(request.store, client, &taken.id, failure).await),
    }
}
