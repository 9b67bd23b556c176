//! Steps and their undo, in the executor.

use super::{
    history::RunHistory,
    open::{PlanTransaction, PostgresExecutor},
};
use crate::{
    catalog::{Change, Snapshot},
    drive::ports::Recorded,
    machine::Failure,
    plan::{Plan, Rendered, Step, StepTransaction, Writers},
    postgres::{
        connection::CancelHandle,
        coverage::Permission,
        step::{Frame, StepFault, StepRun, WayBack, run_outside},
    },
};

/// What is done with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepDirection {
    Forward,
    Back,
}

/// What a step, or one of its batches, is held to.
pub(super) struct StepGuards<'a> {
    /// What it may touch.
    pub(super) permission: &'a Permission,
    /// The tables that the fence stands around.
    pub(super) fenced: &'a [(String, String)],
    /// Whether the way back is known.
    pub(super) way_back: &'a WayBack<'a>,
}

impl PostgresExecutor {
    pub(super) async fn step(
        &mut self,
        plan: &Plan<Rendered>,
        index: usize,
        seq: u64,
        direction: StepDirection,
    ) -> Result<Recorded, StepFault> {
        self.ensure().await?;
        let history = self.history(plan).await?;
        let done = self.step_in(plan, index, seq, direction, &history).await;
        if let Err(StepFault::InDoubt { transaction: Some(transaction), .. }) = &done {
            self.reach.doubt = Some(transaction.clone());
        }
        done
    }

    #[expect(clippy::too_many_arguments, reason = "which step it is, which way it goes, and where it is recorded")]
    async fn step_in(
        &self,
        plan: &Plan<Rendered>,
        index: usize,
        seq: u64,
        direction: StepDirection,
        history: &RunHistory,
    ) -> Result<Recorded, StepFault> {
        let step = step_of(plan, index)?;
        let then = &self.manifest()?.snapshot;
        let way_back = |now: &Snapshot, changes: &[Change]| history.way_back(then, now, changes);
        let fenced: Vec<(String, String)> = match (plan.backup.writers, self.transaction) {
            (Writers::Block | Writers::Detect | Writers::Capture, PlanTransaction::Closed) => {
                history.covered.iter().map(|table| (table.schema.clone(), table.name.clone())).collect()
            }
            // Locks do it, or nobody wants it.
            (_, PlanTransaction::Open) | (Writers::Allow, _) => Vec::new(),
        };
        let asked = StepGuards { permission: &history.permission, fenced: &fenced, way_back: &way_back };
        let run = self.step_run(plan, index, seq, asked)?;
        match (direction, step.transaction) {
            (StepDirection::Back, _) => run.undo().await,
            (StepDirection::Forward, StepTransaction::None) => run_outside(&run).await,
            (StepDirection::Forward, StepTransaction::Plan) => run.apply().await,
        }
    }

    /// A step, or one of its batches, with what it needs of the executor.
    pub(super) fn step_run<'a>(
        &'a self,
        plan: &'a Plan<Rendered>,
        index: usize,
        seq: u64,
        StepGuards { permission, fenced, way_back }: StepGuards<'a>,
    ) -> Result<StepRun<'a, CancelHandle>, Failure> {
        Ok(StepRun {
            client: self.work.client(),
            memory: &self.work.memory,
            watch: self.watch(step_of(plan, index)?.lock_timeout.unwrap_or(plan.session.lock_timeout)),
            cancel: self.work.connection.cancel(),
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
            permission,
            fenced,
            way_back,
            then: &self.manifest()?.snapshot,
        })
    }
}

fn step_of(plan: &Plan<Rendered>, index: usize) -> Result<&Step<Rendered>, Failure> {
    let none = || Failure::permanent("backstop::run::no_step", format!("the plan has no step {index}"));
    plan.steps.get(index).ok_or_else(none)
}
