//! Old backups go.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::{
    clear::NOT_CLEARED,
    list::{BackupInfo, list},
    read::Store,
};
use crate::{
    drive::backups::BackupStatus,
    machine::Failure,
    postgres::{
        error_class::failure,
        transaction::{self, BEGIN},
    },
};

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention<'a> {
    /// How many complete backups of a plan stay, the newest first. One always stays.
    pub keep: u32,
    /// Only backups of this plan are looked at.
    pub plan: Option<&'a str>,
}

/// Whether backups are removed, or only named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// They are removed.
    Remove,
    /// They are only named.
    Preview,
}

/// Removes complete backups beyond the newest ones of each plan, and returns them, the newest first. One that belongs to a
/// run that has not ended stays, and so does the only one of a plan. Each goes in a transaction of its own.
///
/// # Errors
/// `backstop::backup::not_read` or `not_cleared` with what the store said; what could be removed is removed all the same.
pub async fn prune(
    store: &Store,
    client: &Client,
    retention: &Retention<'_>,
    pruning: Pruning,
) -> Result<Vec<BackupInfo>, Failure> {
    let surplus = surplus(list(store, client).await?, retention);
    if pruning == Pruning::Remove {
        let mut first_failure = None;
        for backup in &surplus {
            client.batch_execute(BEGIN).await.map_err(|error| failure(NOT_CLEARED, &error))?;
            let done = store.remove(client, &backup.stored.id).await;
            if let Err(failure) = transaction::end(client, done, NOT_CLEARED).await {
                // One that somebody else's view reads from keeps no other one.
                first_failure.get_or_insert(failure);
            }
        }
        if let Some(failure) = first_failure {
            return Err(failure);
        }
    }
    Ok(surplus)
}

fn surplus(backups: Vec<BackupInfo>, retention: &Retention<'_>) -> Vec<BackupInfo> {
    let keep = retention.keep.max(1);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut surplus = Vec::new();
    for backup in backups {
        if backup.stored.status != BackupStatus::Complete || retention.plan.is_some_and(|plan| plan != backup.stored.plan) {
            continue;
        }
        let newer = seen.entry(backup.stored.plan.clone()).or_default();
        *newer += 1;
        if *newer > keep && !backup.pinned {
            surplus.push(backup);
        }
    }
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::backups::StoredBackup;

    fn backup(id: &str, plan: &str, status: BackupStatus, pinned: bool) -> BackupInfo {
        let stored = StoredBackup {
            id: id.to_owned(),
            schema: "b".to_owned(),
            plan: plan.to_owned(),
            run: None,
            created_at: String::new(),
            status,
            tables: 1,
            rows: 1,
            bytes: 1,
        };
        BackupInfo { stored, pinned }
    }

    fn ids(keep: u32, plan: Option<&str>) -> Vec<String> {
        let backups = vec![
            backup("7", "a", BackupStatus::Partial, false),
            backup("6", "a", BackupStatus::Complete, false),
            backup("5", "b", BackupStatus::Complete, false),
            backup("4", "a", BackupStatus::Complete, true),
            backup("3", "a", BackupStatus::Complete, false),
            backup("2", "b", BackupStatus::Complete, false),
            backup("1", "a", BackupStatus::Partial, false),
        ];
        surplus(backups, &Retention { keep, plan }).into_iter().map(|backup| backup.stored.id).collect()
    }

    #[test]
    fn the_newest_of_each_plan_and_pinned_ones_stay() {
        assert_eq!(ids(1, None), ["3", "2"]);
        assert_eq!(ids(2, None), ["3"]);
        assert_eq!(ids(3, None), Vec::<String>::new());
        assert_eq!(ids(1, Some("b")), ["2"]);
    }

    #[test]
    fn the_only_one_stays_whatever_is_asked() {
        assert_eq!(ids(0, None), ids(1, None));
    }
}
