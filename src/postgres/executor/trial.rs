//! The trial restore that a plan may want of its backup.

use super::open::PostgresExecutor;
use crate::{
    drive::manifest::Manifest,
    machine::{BackupCompleted, Failure},
    plan::{Plan, Rendered, Verify},
    postgres::trial::{TrialRequest, trial_restore},
};

impl PostgresExecutor {
    /// What the journal is told of a backup whose copies are complete, once it is verified as far as the plan wants it. Its
    /// manifest turns complete only after that.
    pub(super) async fn verified(&self, plan: &Plan<Rendered>, taken: &Manifest) -> Result<BackupCompleted, Failure> {
        let event = taken.event();
        if plan.backup.verify == Verify::Digests {
            return Ok(event);
        }
        let setting = TrialRequest {
            manifest: taken,
            store: &*self.opening.backups,
            options: &self.opening.options,
            live: self.work.client(),
            cancel: self.work.connection.cancel(),
            interruption: &self.opening.interruption,
        };
        let trial = trial_restore(&setting).await.map_err(|failure| self.or_interrupted(failure))?;
        Ok(BackupCompleted { trial: Some(trial), ..event })
    }
}
