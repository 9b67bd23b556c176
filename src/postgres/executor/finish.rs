//! The run's end.

use super::{
    history::no_backup,
    open::{PlanTransaction, PostgresExecutor},
};
use crate::{
    drive::ports::{Fault, Recorded},
    machine::{Event, Failure, RunOutcome},
    postgres::{
        backup::{self, Pruning, Retention},
        fence,
        journal::{self, Fence},
        later_writes,
        restore::keep_numbers,
        step::{current_transaction, fire_deferred_constraints},
        transaction,
    },
};

impl PostgresExecutor {
    pub(super) async fn end(&mut self, outcome: &RunOutcome, event: &Event, seq: u64) -> Result<Recorded, Fault<Failure>> {
        self.ensure().await.map_err(Fault::Failed)?;
        if let Event::TransactionRolledBack(_) = event {
            self.read_own_backup().await.map_err(Fault::Failed)?;
        }
        if self.transaction == PlanTransaction::Closed {
            if let RunOutcome::Aborted(_) = outcome {
                self.clear_partial().await;
            }
            self.begin().await.map_err(Fault::Failed)?;
        }
        let stored = self.end_in(outcome, event, seq).await;
        let done = self.conclude(stored).await;
        self.transaction = PlanTransaction::Closed;
        if done.is_ok() {
            // What can't be dropped now lets everybody through, and a later run drops it.
            let removed = fence::clear_away(self.work.client()).await;
            self.trouble("triggers of the fence stay behind, which let everybody through, until a later run", removed).await;
            if *outcome == RunOutcome::Succeeded {
                self.prune().await;
            }
        }
        done
    }

    async fn end_in(&self, outcome: &RunOutcome, event: &Event, seq: u64) -> Result<(Recorded, String), Failure> {
        let client = self.work.client();
        fire_deferred_constraints(client, &self.path).await?;
        let transaction = current_transaction(client).await?;
        if matches!(outcome, RunOutcome::Aborted(_)) && self.transaction == PlanTransaction::Open {
            backup::clear_partial(&*self.opening.backups, client).await?;
        }
        let run = self.claim.run.to_string();
        fence::lower_in(client, &run).await?;
        later_writes::forget_in(client, &run).await?;
        if let Event::TransactionRolledBack(_) = event {
            keep_numbers(client, self.manifest()?, self.opening.sequences).await?;
        }
        let recorded = journal::append(client, self.claim, Fence::Hold, seq, event).await?;
        Ok((recorded, transaction))
    }

    /// Outside of the transaction that ends the run, which must not fail for want of what it takes to drop many copies. What can't go
    /// now goes with the next backup.
    async fn clear_partial(&self) {
        if journal::check(self.work.client(), self.claim, Fence::Look).await.is_ok() {
            let _ = backup::clear_partial(&*self.opening.backups, self.work.client()).await;
        }
    }

    /// What the plan's one transaction moved backwards: its backup is gone with it, but still known here.
    pub(super) async fn keep_numbers_of_the_transaction(&self) -> Result<(), Failure> {
        let Some(manifest) = &self.backup else { return Ok(()) };
        self.begin().await?;
        let kept = keep_numbers(self.work.client(), manifest, self.opening.sequences).await;
        transaction::end(self.work.client(), kept, "backstop::restore::failed").await
    }

    /// Reads the manifest of the run's backup, which another runner may have taken.
    async fn read_own_backup(&mut self) -> Result<(), Failure> {
        let completed = self.own_events().await?.into_iter().rev().find_map(|event| match event {
            Event::BackupCompleted(completed) => Some(completed.backup),
            _ => None,
        });
        match completed {
            Some(backup) => self.read_manifest(&backup).await,
            None => Err(no_backup()),
        }
    }

    /// Old backups go when a run ended well. One that can't go now goes after a later run.
    async fn prune(&self) {
        let retention = Retention { keep: self.opening.keep, plan: Some(self.opening.plan.as_str()) };
        let pruned = backup::prune(&*self.opening.backups, self.work.client(), &retention, Pruning::Remove).await;
        self.trouble(
            "old backups could not all be removed; a later run, or `backstop backup prune`, tries it again",
            pruned,
        )
        .await;
    }
}
