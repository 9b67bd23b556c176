//! Backups, as lists show them.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::read::Store;
use crate::{
    drive::backups::{BackupStatus, StoredBackup},
    machine::Failure,
    postgres::error_class::failure,
};

/// The query that gives the runs whose backups may still be needed.
pub const PINNED_RUNS: &str = include_str!("pinned.sql");

/// A backup, and whether it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupInfo {
    /// What its store says of it.
    pub stored: StoredBackup,
    /// Whether its run has not ended: it is never pruned then.
    pub pinned: bool,
}

/// All backups, the newest first.
///
/// # Errors
/// `backstop::backup::not_read` with what the store said.
pub async fn list(store: &Store, client: &Client) -> Result<Vec<BackupInfo>, Failure> {
    let backups = store.list(client).await?;
    if backups.is_empty() {
        return Ok(Vec::new());
    }
    let pins = Pins::read(client).await.map_err(|error| failure("backstop::backup::not_read", &error))?;
    Ok(backups.into_iter().map(|backup| pins.info(backup)).collect())
}

/// The id of the newest complete backup, of one plan or of all.
///
/// # Errors
/// `backstop::backup::unknown` where there is none; `not_read` with what the store said.
pub async fn newest_complete(store: &Store, client: &Client, plan: Option<&str>) -> Result<String, Failure> {
    let is_meant =
        |backup: &StoredBackup| backup.status == BackupStatus::Complete && plan.is_none_or(|plan| plan == backup.plan);
    let newest = store.list(client).await?.into_iter().find(is_meant);
    newest.map(|backup| backup.id).ok_or_else(|| {
        Failure::permanent("backstop::backup::unknown", "there is no complete backup")
            .hint("Take one with `backstop backup create PLAN`.")
    })
}

/// What may still be needed.
#[derive(Default)]
struct Pins {
    runs: BTreeSet<String>,
    backups: BTreeSet<String>,
}

impl Pins {
    async fn read(client: &Client) -> Result<Self, Error> {
        const INSTALLED: &str = "SELECT pg_catalog.to_regclass('backstop.runs') IS NOT NULL";
        let mut pins = Pins::default();
        if client.query_one(INSTALLED, &[]).await?.try_get(0)? {
            for row in client.query(PINNED_RUNS, &[]).await? {
                pins.runs.extend(row.try_get::<_, Option<String>>(0)?);
                pins.backups.extend(row.try_get::<_, Option<String>>(1)?);
            }
        }
        Ok(pins)
    }

    fn info(&self, backup: StoredBackup) -> BackupInfo {
        let pinned = backup.run.as_ref().is_some_and(|run| self.runs.contains(run)) || self.backups.contains(&backup.id);
        BackupInfo { stored: backup, pinned }
    }
}
