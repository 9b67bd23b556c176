//! The run's restore, with its event.

use std::{collections::BTreeSet, sync::Arc};

use tokio_postgres::error::SqlState;

use super::{
    history::{kept, tables_to_restore},
    open::PostgresExecutor,
};
use crate::{
    catalog::{ObjectKey, ObjectKind},
    drive::manifest::TableCopy,
    drive::ports::{Fault, Recorded},
    machine::{Event, Failure, Fidelity, Restoration, RestoreCompleted, StepCommitted, own_changes},
    postgres::{
        fence,
        journal::{self, Fence},
        later_writes,
        preflight::{lacking_authority, what_helps},
        restore::{RestoreRequest, RestoreScope, RunsWork, restore_in},
        step::{announce, current_transaction},
        table_lock::Patience,
        transaction::roll_back,
    },
};

impl PostgresExecutor {
    pub(super) async fn bring_back(
        &mut self,
        backup: &str,
        steps: &[StepCommitted],
        fidelity: Fidelity,
        seq: u64,
    ) -> Result<Recorded, Fault<Failure>> {
        self.ensure().await.map_err(Fault::Failed)?;
        self.wait_anew();
        self.read_manifest(backup).await.map_err(Fault::Failed)?;
        let events = self.own_events().await.map_err(Fault::Failed)?;
        let tables = tables_to_restore(&events);
        let chosen = self.manifest().and_then(|manifest| manifest.only(&tables)).map_err(Fault::Failed)?;
        let manifest = chosen.as_ref();
        let work = RunsWork::look(self.work.client(), steps, own_changes(&events)).await.map_err(Fault::Failed)?;
        let run = self.claim.run.to_string();
        let store = Arc::clone(&self.opening.backups);
        let memory = Arc::clone(&self.work.memory);
        let request = RestoreRequest {
            manifest,
            store: &*store,
            changed: if tables.is_empty() { RestoreScope::ByRun(&work.changed) } else { RestoreScope::Beneath },
            others: work.others(),
            sequences: self.opening.sequences,
            run: Some(&run),
            later_writes: self.later_writes,
            patience: self.patience(),
            fidelity,
            memory: Some(&*memory),
        };
        self.begin().await.map_err(Fault::Failed)?;
        let restoring = async {
            journal::check(self.work.client(), self.claim, Fence::Look).await?;
            let transaction = current_transaction(self.work.client()).await?;
            announce(self.work.client(), &run).await?;
            let restored = restore_in(self.work.client(), &request).await?;
            later_writes::forget_in(self.work.client(), &run).await?;
            Ok((restored, transaction))
        };
        let watch = self.watch(Patience::default().wait);
        let (restored, _) = self.opening.interruption.guard(&self.work.connection.cancel(), watch.during(restoring)).await;
        watch.went_on();
        let stored = match restored {
            Ok((restored, transaction)) => {
                let restored = Restoration { uncovered: kept(&events, manifest), ..restored };
                let event = Event::RestoreCompleted(RestoreCompleted { backup: backup.to_owned(), restored });
                let recorded = journal::append(self.work.client(), self.claim, Fence::Hold, seq, &event).await;
                recorded.map(|recorded| (recorded, transaction))
            }
            Err(failure) => Err(self.or_interrupted(failure)),
        };
        let done = match self.conclude(stored).await {
            Err(Fault::Failed(failure)) => Err(Fault::Failed(self.with_missing_rights(failure, &work.changed).await)),
            done => done,
        };
        if done.is_ok() {
            // As at a run's end.
            let removed = fence::clear_away(self.work.client()).await;
            self.trouble("triggers of the fence stay behind, and let everybody through, until a later run", removed).await;
        }
        done
    }
}

impl PostgresExecutor {
    /// A restore that the role had no right to make fails with what gives it that right, where that can be found out.
    async fn with_missing_rights(&self, failure: Failure, changed: &BTreeSet<ObjectKey>) -> Failure {
        if failure.sqlstate.as_deref() != Some(SqlState::INSUFFICIENT_PRIVILEGE.code()) {
            return failure;
        }
        let looked = async {
            self.begin().await?;
            let manifest = self.manifest()?;
            let mut keys: BTreeSet<ObjectKey> = manifest.tables.iter().map(TableCopy::key).collect();
            keys.extend(changed.iter().filter(|key| key.kind != ObjectKind::Other).cloned());
            lacking_authority(self.work.client(), &manifest.snapshot, &keys).await
        };
        let lacking = looked.await.unwrap_or_default();
        roll_back(self.work.client()).await;
        match lacking.first() {
            None => failure,
            Some(first) => {
                let message = format!("{}: {}", failure.message, first.message);
                let hint = format!("{} Then try again: `backstop restore`.", what_helps(&lacking));
                Failure { message, ..failure }.hint(hint)
            }
        }
    }
}
