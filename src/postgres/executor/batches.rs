//! Steps in batches, in the executor: what is the same for all batches of a step is looked up once a runner.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    batched_step::BatchedStep,
    history::RunHistory,
    open::{PlanTransaction, PostgresExecutor},
    steps::StepGuards,
};
use crate::{
    catalog::{Change, Snapshot},
    drive::ports::Recorded,
    machine::{Batched, Event, Failure, FailureClass},
    plan::{Batch, Plan, Rendered},
    postgres::{
        journal,
        progress::SessionProgress,
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
        step::{Brake, Key, Lag, Meter, Pace, StepFault, brake, commit_next},
    },
};

/// Pause between two looks at whether a batch may begin.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How long replicas are waited for before one batch.
const LAG_WAIT_MAX: Duration = Duration::from_secs(60 * 60);
/// How long a pause may last; then the run is left to a person.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl PostgresExecutor {
    pub(super) async fn batch(
        &mut self,
        plan: &Plan<Rendered>,
        index: usize,
        after: &Batched,
        seq: u64,
    ) -> Result<Recorded, StepFault> {
        self.ensure().await?;
        let mut course = self.course(plan, index, after).await?;
        let done = self.batch_of(&mut course, plan, index, after, seq).await;
        match &done {
            Err(StepFault::InDoubt { transaction: Some(transaction), .. }) => self.reach.doubt = Some(transaction.clone()),
            Err(StepFault::Failed(failure, _)) if failure.class == FailureClass::Transient => {
                course.pace = course.pace.backed_off();
            }
            Ok(_) | Err(StepFault::Failed(..) | StepFault::InDoubt { .. }) => {}
        }
        self.course = Some(course);
        done
    }

    /// That of the last batch, if it was one of the same step in the same session.
    async fn course(&mut self, plan: &Plan<Rendered>, index: usize, after: &Batched) -> Result<BatchedStep, Failure> {
        let known = self.course.take().filter(|course| course.index == index && course.pid == self.work.pid);
        if let (Some(course), true) = (known, after.batches > 0) {
            return Ok(course);
        }
        let batch = batch_of(plan, index)?;
        let RunHistory { permission, .. } = self.history(plan).await?;
        SessionSettings::of_plan(&plan.name, &plan.session).apply(self.work.client(), Lifetime::Session).await?;
        let key = Key::find(self.work.client(), &PlanPath::of(&plan.session), batch).await?;
        let pace = Pace { size: after.size.unwrap_or(batch.size), target: batch.target };
        let meter = Meter::start(after.passed, key.estimate);
        Ok(BatchedStep { index, pid: self.work.pid, key, permission, pace, meter, lag: Lag::default() })
    }

    #[expect(clippy::too_many_arguments, reason = "which batch of which step it is, and where it is recorded")]
    async fn batch_of(
        &self,
        course: &mut BatchedStep,
        plan: &Plan<Rendered>,
        index: usize,
        after: &Batched,
        seq: u64,
    ) -> Result<Recorded, StepFault> {
        let step = plan.steps.get(index).ok_or_else(no_batches)?;
        self.wait(course, batch_of(plan, index)?).await?;
        if self.transaction == PlanTransaction::Open {
            return Err(no_batches().into());
        }
        // No batch changes the structure, so that the way back is the one that it was.
        let way_back = |_: &Snapshot, _: &[Change]| Ok(BTreeSet::new());
        let asked = StepGuards { permission: &course.permission, fenced: &[], way_back: &way_back };
        let run = self.step_run(plan, index, seq, asked)?;
        let began = Instant::now();
        let recorded = commit_next(&run, &course.key, after, course.pace.size).await?;
        if let Event::BatchCommitted(batch) = &recorded.event {
            course.pace = course.pace.after(batch.keys, began.elapsed());
            course.meter.add(batch.keys);
            (self.opening.tell)(SessionProgress::Batches {
                step: step.id.to_string(),
                done: course.meter.done(),
                total: course.meter.total(),
                rate: course.meter.rate(),
                left: course.meter.left(),
            });
        }
        Ok(recorded)
    }

    /// Waits for as long as the run is paused or a replica is too far behind.
    async fn wait(&self, course: &mut BatchedStep, batch: &Batch<Rendered>) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            if let Some(interrupted) = self.opening.interruption.failure() {
                return Err(interrupted);
            }
            let client = &self.observer.client;
            let pause = journal::paused(client, self.claim.run).await?;
            let behind = match batch.max_lag {
                Some(_) => course.lag.look(client).await?,
                None => None,
            };
            let Some(brake) = brake(pause, behind, batch.max_lag) else { return Ok(()) };
            if let Some(failure) = too_long(&brake, began.elapsed()) {
                return Err(failure);
            }
            (self.opening.tell)(SessionProgress::HeldBack(brake));
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }
}

/// Why it is not waited any longer.
fn too_long(brake: &Brake, waited: Duration) -> Option<Failure> {
    match brake {
        Brake::Paused { .. } if waited >= PAUSE_MAX => {
            let failure = Failure::permanent("backstop::run::paused", "the run was paused for a day");
            Some(failure.class(FailureClass::Interrupted))
        }
        Brake::Behind { .. } if waited >= LAG_WAIT_MAX => {
            let failure = Failure::permanent("backstop::run::replica_behind", brake.to_string());
            Some(
                failure
                    .class(FailureClass::Transient)
                    .hint("Look at the replica, or let the step have a greater `max_lag`."),
            )
        }
        Brake::Paused { .. } | Brake::Behind { .. } => None,
    }
}

fn batch_of(plan: &Plan<Rendered>, index: usize) -> Result<&Batch<Rendered>, Failure> {
    plan.steps.get(index).and_then(|step| step.batch.as_ref()).ok_or_else(no_batches)
}

fn no_batches() -> Failure {
    Failure::permanent("backstop::run::no_step", "the plan has no such step in batches")
}
