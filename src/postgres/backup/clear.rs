//! What is left of backups that were never finished.

use tokio_postgres::Client;

use super::read::Store;
use crate::{drive::backups::BackupStatus, machine::Failure};

/// The code of what can't be removed.
pub const NOT_CLEARED: &str = "backstop::backup::not_cleared";

/// Removes every partial backup. Only the holder of the run lock may call it: nobody else is at work on one then.
///
/// # Errors
/// [`NOT_CLEARED`] with what the store said.
pub async fn clear_partial(store: &Store, client: &Client) -> Result<(), Failure> {
    for backup in store.list(client).await? {
        if backup.status == BackupStatus::Partial {
            store.remove(client, &backup.id).await?;
        }
    }
    Ok(())
}

/// Removes what is left of a backup that failed. Where that fails, too, the failure says so, and that the next run does it.
pub async fn discarded(store: &Store, client: &Client, id: &str, why: Failure) -> Failure {
    match store.remove(client, id).await {
        Ok(()) => why,
        Err(left) => {
            let note = format!(
                "what was copied so far of backup {id} could not be removed, and the next run does it: {}",
                left.message
            );
            let detail = why.detail.iter().cloned().chain([note]).collect::<Vec<_>>().join("\n");
            why.detail(detail)
        }
    }
}
