//! The restore that was looked at, made: what was seen before is seen once more under the run lock.

use uuid::Uuid;

use super::{
    basis::{RestoreBasis, changed_meanwhile},
    look::{Restore, RestoreKind},
};
use crate::{
    machine::{Outline, Restores, RunStarted, Untouched},
    operations::{
        problem::OperationProblem,
        run_context::{RunContext, RunTarget},
        runs::{self, ReplayedRun, plan_name, sequences},
        watcher::{RunLeft, Watcher},
    },
    plan::{Rollback, Sequences, Transaction},
    postgres::{backup::BackupInfo, later_writes::LaterWrites},
};

/// Brings it back.
///
/// # Errors
/// Where something that was looked at is not so any more.
pub async fn restore(
    context: &RunContext<'_>,
    wanted: Restore,
    later_writes: LaterWrites,
    watcher: &mut dyn Watcher,
) -> Result<RunLeft, OperationProblem> {
    match wanted.way {
        RestoreKind::Run(found) => context.go_back(*found, later_writes, watcher).await,
        RestoreKind::Backup { looked, tables, .. } => context.bring_back(&looked, tables, watcher).await,
    }
}

impl RunContext<'_> {
    /// Brings a run back that has not ended, all of it.
    async fn go_back(
        &self,
        found: ReplayedRun,
        later_writes: LaterWrites,
        watcher: &mut dyn Watcher,
    ) -> Result<RunLeft, OperationProblem> {
        let (run, plan) = (found.summary.run, plan_name(&found.run.plan)?);
        let target = RunTarget::without_plan(&plan, run, sequences(&found.events));
        let mut executor = self.open(&target, watcher).await?;
        executor.decide(later_writes);
        let now = runs::read(&executor.session().client, found.summary).await?;
        if now.events.len() != found.events.len() {
            return Err(changed_meanwhile("the run went on since this restore was looked at"));
        }
        self.drive(run, &mut executor, watcher, async |driver| driver.go_back(now.events).await).await
    }

    async fn bring_back(
        &self,
        looked: &RestoreBasis,
        tables: Vec<String>,
        watcher: &mut dyn Watcher,
    ) -> Result<RunLeft, OperationProblem> {
        let run = Uuid::now_v7();
        let restores = Restores { backup: looked.backup.stored.id.clone(), steps: looked.steps.clone(), tables };
        let started = RunStarted { run: run.to_string(), sequences: looked.sequences, ..started(&looked.backup, restores) };
        let plan = plan_name(&looked.backup.stored.plan)?;
        let mut executor = self.open(&RunTarget::without_plan(&plan, run, started.sequences), watcher).await?;
        let client = &executor.session().client;
        if let Some(waiting) = runs::unfinished(client).await? {
            return Err(OperationProblem::usage(
                "backstop::cli::unfinished_run",
                format!("run {} of plan {} has not ended", waiting.run.id, waiting.run.plan),
                "Bring that one back first (`backstop restore`), or accept it.",
            ));
        }
        looked.still_so(client).await?;
        self.drive(run, &mut executor, watcher, async |driver| driver.bring_back(started).await).await
    }
}

fn started(backup: &BackupInfo, restores: Restores) -> RunStarted {
    RunStarted {
        run: String::new(),
        plan: backup.stored.plan.clone(),
        fingerprint: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        outline: Outline {
            transaction: Transaction::Step,
            steps: Vec::new(),
            rollback: Rollback::default(),
            untouched: Untouched::default(),
        },
        backup_schema: backup.stored.schema.clone(),
        rendered: String::new(),
        sequences: Sequences::default(),
        restores: Some(restores),
        saved_plan: None,
    }
}
