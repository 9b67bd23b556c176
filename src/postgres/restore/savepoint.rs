//! Work in a savepoint: the transaction goes on where it fails.

use tokio_postgres::{Client, error::SqlState};

use crate::{
    machine::{Failure, FailureClass},
    postgres::error_class::failure,
};

const FAILED: &str = "backstop::restore::failed";

/// Tries something in the open transaction, which goes on as before where it fails for good.
///
/// # Errors
/// Failures that are not for good, cancelled statements, and those of the transaction itself.
pub async fn attempt<T>(
    client: &Client,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<Result<T, Failure>, Failure> {
    let said = |error| failure(FAILED, &error);
    client.batch_execute("SAVEPOINT backstop_nearest").await.map_err(said)?;
    match work.await {
        Ok(value) => {
            client.batch_execute("RELEASE SAVEPOINT backstop_nearest").await.map_err(said)?;
            Ok(Ok(value))
        }
        Err(failure) if ends_everything(&failure) => Err(failure),
        Err(failure) => {
            let back = "ROLLBACK TO SAVEPOINT backstop_nearest; RELEASE SAVEPOINT backstop_nearest";
            client.batch_execute(back).await.map_err(said)?;
            Ok(Err(failure))
        }
    }
}

/// Whether it says nothing of the object: another attempt may go better, or somebody wants to stop.
fn ends_everything(failure: &Failure) -> bool {
    failure.class != FailureClass::Permanent || failure.sqlstate.as_deref() == Some(SqlState::QUERY_CANCELED.code())
}
