//! Answers about backups.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    machine::{BackupCompleted, Trial},
    operations::backup::BackupInfo,
};

/// A backup that was taken by hand.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BackedUp {
    /// As the event of a run tells it.
    pub backup: BackupCompleted,
}

/// Backups, the newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BackupsAnswer {
    /// Complete and partial ones.
    pub backups: Vec<BackupRecord>,
    /// Size of all their copies.
    pub bytes: u64,
}

/// A backup.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BackupRecord {
    /// Its id: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    pub id: String,
    /// The plan that it was taken for.
    pub plan: String,
    /// The run that took it; none where it was taken by hand.
    pub run: Option<String>,
    /// The schema of the copies.
    pub schema: String,
    /// RFC 3339.
    pub created_at: String,
    /// `complete`, or `partial`: never finished, or being taken.
    pub status: &'static str,
    /// How many tables it holds.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Size of the copies.
    pub bytes: u64,
    /// Whether a run that has not ended may need it.
    pub pinned: bool,
}

impl From<&BackupInfo> for BackupRecord {
    fn from(backup: &BackupInfo) -> Self {
        let BackupInfo { stored, pinned } = backup;
        BackupRecord {
            id: stored.id.clone(),
            plan: stored.plan.clone(),
            run: stored.run.clone(),
            schema: stored.schema.clone(),
            created_at: stored.created_at.clone(),
            status: stored.status.word(),
            tables: stored.tables,
            rows: stored.rows,
            bytes: stored.bytes,
            pinned: *pinned,
        }
    }
}

/// A backup whose copies are what was copied.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VerifiedAnswer {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// How many tables were digested.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// What a trial restore proved; none where none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
}

/// What was removed, or would be.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PrunedAnswer {
    /// Those that are gone, or would be under `--dry-run`.
    pub backups: Vec<BackupRecord>,
    /// Size of all their copies.
    pub bytes: u64,
    /// Ids of those that stay because a run that has not ended may need them.
    pub pinned: Vec<String>,
}

/// A backup's state in another database.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RestoredBeside {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// The other database.
    pub database: String,
    /// Whether it was made for this.
    pub made: bool,
    /// Tables with their rows, compared and equal.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Objects, the tables among them.
    pub objects: usize,
    /// Those of them whose text the server respelled.
    pub respelled: Vec<String>,
    /// What is not as in the backup, a fragment each.
    pub not_as_in_the_backup: Vec<String>,
}

/// A plan that is registered for psql.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct InstalledAnswer {
    /// The plan's name, as its file has it.
    pub plan: String,
    /// The schema of its backups, where the functions are.
    pub schema: String,
    /// How many tables its backup holds.
    pub tables: usize,
}
