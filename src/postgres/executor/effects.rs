//! The ports themselves.

use super::{
    history::kept,
    open::{PlanTransaction, PostgresExecutor},
    steps::StepDirection,
};
use crate::{
    drive::ports::{Executor, Fault, Journal, Recorded},
    machine::{
        Batched, CheckPhase, ChecksEvaluated, Event, Failure, Fidelity, PreflightPassed, RunOutcome, StepCommitted,
        StepFailed, UndoDiffers, UndoVerified,
    },
    postgres::{
        check::compare_unchanged,
        error_class,
        journal::{self, Fence},
        preflight::preflight,
        restore::{changed, compare_with_backup},
        step::{StepFault, announce, find_applied_state},
        transaction::{BEGIN, roll_back},
    },
    render::ResolvedPlan,
};

/// How often preflight begins anew because its session was lost.
const PREFLIGHTS_MAX: u32 = 3;

impl Journal for PostgresExecutor {
    async fn append(&mut self, seq: u64, event: &Event) -> Result<Recorded, Failure> {
        self.ensure().await?;
        let fence = match self.transaction {
            PlanTransaction::Open => Fence::Look,
            PlanTransaction::Closed => Fence::Hold,
        };
        let reply = journal::append(self.work.client(), self.claim, fence, seq, event).await;
        self.noted(reply)
    }

    async fn read_from(&mut self, seq: u64) -> Result<Vec<Recorded>, Failure> {
        self.ensure().await?;
        let found = journal::read(self.work.client(), self.claim.run, seq).await?;
        if let Some(last) = found.last() {
            let _ = self.noted::<Failure>(Ok(last.clone()));
        }
        Ok(found)
    }

    fn has_given_up(&self) -> bool {
        self.reach.given_up.is_some()
    }
}

impl Executor for PostgresExecutor {
    async fn preflight(&mut self, plan: &ResolvedPlan) -> Result<PreflightPassed, Vec<Failure>> {
        for attempt in 1.. {
            self.ensure().await.map_err(|failure| vec![failure])?;
            let looking = preflight(self.work.client(), &self.work.memory, plan.plan());
            let found = self.opening.interruption.guard(&self.work.connection.cancel(), looking).await;
            if let Some(interrupted) = self.opening.interruption.failure() {
                return Err(vec![interrupted]);
            }
            // What a session that is lost has found is not worth a run.
            if found.is_ok() || !self.work.connection.is_closed() || attempt >= PREFLIGHTS_MAX {
                return found;
            }
        }
        Err(Vec::new())
    }

    async fn check_before(&mut self, plan: &ResolvedPlan) -> Result<ChecksEvaluated, Failure> {
        Ok(ChecksEvaluated { results: Box::pin(self.checks(plan.plan(), CheckPhase::Before)).await? })
    }

    // What these do is large; each has a place of its own, so that the run's own future stays small.
    async fn take_backup(&mut self, plan: &ResolvedPlan, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let reply = Box::pin(self.backup(plan.plan(), seq)).await;
        self.noted(reply)
    }

    async fn run_step(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        seq: u64,
    ) -> Result<Recorded, Fault<StepFailed>> {
        let step = plan.plan().steps.get(index).map(|step| step.id.to_string()).unwrap_or_default();
        if attempt == 1 {
            self.wait_anew();
        }
        let done = Box::pin(self.step(plan.plan(), index, seq, StepDirection::Forward)).await;
        let done = self.noted(done);
        done.map_err(|fault| fault.of_step(index, &step, attempt))
    }

    async fn run_batch(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        after: &Batched,
        seq: u64,
    ) -> Result<Recorded, Fault<StepFailed>> {
        let step = plan.plan().steps.get(index).map(|step| step.id.to_string()).unwrap_or_default();
        if attempt == 1 {
            self.wait_anew();
        }
        let done = Box::pin(self.batch(plan.plan(), index, after, seq)).await;
        let done = self.noted(done);
        done.map_err(|fault| fault.of_step(index, &step, attempt))
    }

    async fn find_applied_state(&mut self, plan: &ResolvedPlan, index: usize) -> Result<Option<bool>, Failure> {
        self.ensure().await?;
        let looking = find_applied_state(self.work.client(), plan.plan(), index);
        let found = self.opening.interruption.guard(&self.work.connection.cancel(), looking).await;
        found.map_err(|failure| self.or_interrupted(failure))
    }

    async fn check_after(&mut self, plan: &ResolvedPlan, before: &ChecksEvaluated) -> Result<ChecksEvaluated, Failure> {
        let after = Box::pin(self.checks(plan.plan(), CheckPhase::After)).await?;
        Ok(ChecksEvaluated { results: compare_unchanged(&before.results, after) })
    }

    async fn undo_step(&mut self, plan: &ResolvedPlan, index: usize, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let done = Box::pin(self.step(plan.plan(), index, seq, StepDirection::Back)).await;
        match self.noted(done) {
            Ok(recorded) => Ok(recorded),
            Err(StepFault::Failed(failure, _)) => Err(Fault::Failed(*failure)),
            Err(StepFault::InDoubt { failure, .. }) => Err(Fault::InDoubt(*failure)),
        }
    }

    async fn compare_with_backup(&mut self, backup: &str) -> Result<Result<UndoVerified, UndoDiffers>, Failure> {
        self.ensure().await?;
        self.read_manifest(backup).await?;
        let events = self.own_events().await?;
        let steps: Vec<StepCommitted> = events
            .iter()
            .filter_map(|event| match event {
                Event::StepCommitted(committed) => Some(committed.clone()),
                _ => None,
            })
            .collect();
        let changed = changed(&steps);
        let comparing = compare_with_backup(self.work.client(), self.manifest()?, &changed);
        let compared = self.opening.interruption.guard(&self.work.connection.cancel(), comparing).await;
        let compared = compared.map_err(|failure| self.or_interrupted(failure))?;
        let uncovered = kept(&events, self.manifest()?);
        Ok(compared.map(|verified| UndoVerified { uncovered, ..verified }))
    }

    async fn restore(
        &mut self,
        backup: &str,
        steps: &[StepCommitted],
        fidelity: Fidelity,
        seq: u64,
    ) -> Result<Recorded, Fault<Failure>> {
        let reply = Box::pin(self.bring_back(backup, steps, fidelity, seq)).await;
        self.noted(reply)
    }

    async fn open_transaction(&mut self) -> Result<(), Failure> {
        self.ensure().await?;
        let failed = |error| error_class::failure("backstop::run::not_begun", &error);
        self.work.client().batch_execute(BEGIN).await.map_err(failed)?;
        self.transaction = PlanTransaction::Open;
        announce(self.work.client(), &self.claim.run.to_string()).await
    }

    async fn roll_back(&mut self) -> Result<(), Failure> {
        roll_back(self.work.client()).await;
        self.transaction = PlanTransaction::Closed;
        self.ensure().await?;
        self.keep_numbers_of_the_transaction().await?;
        self.backup = None;
        Ok(())
    }

    async fn finish(&mut self, outcome: &RunOutcome, event: &Event, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let reply = self.end(outcome, event, seq).await;
        self.noted(reply)
    }
}
