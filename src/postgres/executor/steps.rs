//! Steps and their undo, in the executor.

use super::{
    history::History,
    open::{PlanTransaction, PostgresExecutor},
};
use crate::{
    catalog::{Change, Snapshot},
    drive::ports::Recorded,
    machine::Failure,
    plan::{Plan, Rendered, StepTransaction, Writers},
    postgres::step::{Frame, StepFault, StepRun, run_outside},
};

/// What is done with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Back,
}

impl PostgresExecutor {
    pub(super) async fn step(
        &mut self,
        plan: &Plan<Rendered>,
        index: usize,
        seq: u64,
        direction: Direction,
    ) -> Result<Recorded, StepFault> {
        self.ensure().await?;
        let history = self.history(plan).await?;
        let done = self.step_in(plan, index, seq, direction, &history).await;
        if let Err(StepFault::InDoubt { transaction: Some(transaction), .. }) = &done {
            self.doubt = Some(transaction.clone());
        }
        done
    }

    #[expect(clippy::too_many_arguments, reason = "which step it is, which way it goes, and where it is recorded")]
    async fn step_in(
        &self,
        plan: &Plan<Rendered>,
        index: usize,
        seq: u64,
        direction: Direction,
        history: &History,
    ) -> Result<Recorded, StepFault> {
        let Some(step) = plan.steps.get(index) else {
            return Err(Failure::permanent("backstop::run::no_step", format!("the plan has no step {index}")).into());
        };
        let then = &self.manifest()?.snapshot;
        let way_back = |now: &Snapshot, changes: &[Change]| history.way_back(then, now, changes);
        let fenced: Vec<(String, String)> = match (plan.backup.writers, self.transaction) {
            (Writers::Block | Writers::Detect | Writers::Capture, PlanTransaction::Closed) => {
                history.covered.iter().map(|table| (table.schema.clone(), table.name.clone())).collect()
            }
            // Locks do it, or nobody wants it.
            (_, PlanTransaction::Open) | (Writers::Allow, _) => Vec::new(),
        };
        let run = StepRun {
            client: &self.work.client,
            memory: &self.memory,
            watch: self.watch(step.lock_timeout.unwrap_or(plan.session.lock_timeout)),
            cancel: &self.work.cancel(),
            interruption: &self.opening.interruption,
            claim: self.claim,
            plan,
            index,
            seq,
            frame: match self.transaction {
                PlanTransaction::Closed => Frame::Own,
                PlanTransaction::Open => Frame::Savepoint,
            },
            server_version: self.server_version,
            permission: &history.permission,
            fenced: &fenced,
            way_back: &way_back,
            then,
        };
        match (direction, step.transaction) {
            (Direction::Back, _) => run.undo().await,
            (Direction::Forward, StepTransaction::None) => run_outside(&run).await,
            (Direction::Forward, StepTransaction::Plan) => run.apply().await,
        }
    }
}
