//! What changed of the structure since the newest backup that no run did.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::{
    backup::{self, InDatabase},
    error_class::failure,
};
use crate::{
    catalog::{Change, ObjectKey, Snapshot, diff},
    drive::backups::BackupStatus,
    machine::{Event, Failure},
};

/// What others changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The backup that it is compared with.
    pub backup: String,
    /// The structure at that moment.
    pub then: Snapshot,
    /// What differs, without the objects that steps of runs changed since.
    pub changes: Vec<Change>,
}

/// Compares the structure with that of the newest complete backup in it; none where there is no backup.
///
/// # Errors
/// `backstop::difference::not_compared` with what the server said, or as the reading of a manifest.
pub async fn since_last_backup(client: &Client, now: &Snapshot) -> Result<Option<Drift>, Failure> {
    const RUNS: &str = "SELECT e.event FROM backstop.events AS e
        JOIN backstop.runs AS r ON r.run = e.run
        JOIN backstop.backups AS b ON b.id = $1 AND (r.run::text = b.run::text OR e.at > b.created_at)
        WHERE e.kind = 'step_committed'";
    let failed = |error: Error| failure("backstop::difference::not_compared", &error);
    let backups = backup::list(&InDatabase, client).await?;
    let Some(newest) = backups.iter().find(|backup| backup.stored.status == BackupStatus::Complete) else { return Ok(None) };
    let manifest = backup::read(&InDatabase, client, &newest.stored.id).await?;
    let mut ours: BTreeSet<ObjectKey> = BTreeSet::new();
    for row in client.query(RUNS, &[&newest.stored.id]).await.map_err(failed)? {
        let event: serde_json::Value = row.try_get(0).map_err(failed)?;
        // A step that this program does not understand hides nothing: its changes are told as those of others.
        if let Ok(Event::StepCommitted(step)) = serde_json::from_value(event) {
            ours.extend(step.changes.into_iter().map(|change| change.object));
        }
    }
    let changes = diff(&manifest.snapshot, now).into_iter().filter(|change| !ours.contains(&change.object)).collect();
    Ok(Some(Drift { backup: newest.stored.id.clone(), then: manifest.snapshot, changes }))
}
