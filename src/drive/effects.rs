//! The commands, each carried out: the intent recorded, the effect made, its outcome recorded.

use std::{ops::ControlFlow, time::Duration};

use super::{
    driven_run::{DrivenRun, Turn},
    ended::{DriveError, DriveOutcome},
    journal::{JournalLookup, RECONNECT_PAUSE, Storing, stale_reply},
    ports::{Clock, Executor, Fault, Interrupt, Observer, Recorded},
    signals::is_interruption,
    unevaluated::not_evaluated,
};
use crate::{machine::*, plan::Transaction, render::ResolvedPlan};

/// How often an effect is tried that changes nothing, or that ends the run, where its failures are transient.
const EFFECT_ATTEMPTS_MAX: u32 = 5;
/// How often one drive may lose the reply of a step outside a transaction.
const DOUBTS_MAX: u32 = 5;
/// Pause before the second attempt of a restore.
const RESTORE_PAUSE: Duration = Duration::from_secs(1);

const NEXT: ControlFlow<DriveOutcome> = ControlFlow::Continue(());

impl<'a, W: Executor, C: Clock, O: Observer, I: Interrupt> DrivenRun<'a, W, C, O, I> {
    pub(super) async fn carry_out(&mut self, command: Command) -> Turn {
        match command {
            Command::OpenTransaction => self.open_transaction().await,
            Command::Preflight => self.preflight().await,
            Command::CheckBefore => self.check_before().await,
            Command::TakeBackup => self.take_backup().await,
            Command::RunStep { index, attempt } => self.run_step(index, attempt).await,
            Command::RunBatch { index, attempt } => self.run_batch(index, attempt).await,
            Command::FindAppliedState { index } => self.find_applied_state(index).await,
            Command::CheckAfter => self.check_after().await,
            Command::UndoStep { index } => self.undo_step(index).await,
            Command::CompareWithBackup => self.compare_with_backup().await,
            Command::Restore => self.restore().await,
            Command::RollBack => self.roll_back().await,
            Command::Finish(outcome) => self.finish_as(outcome).await,
            Command::AwaitDecision => Ok(ControlFlow::Break(DriveOutcome::Held(self.cause()))),
            Command::Stop(outcome) => Ok(ControlFlow::Break(DriveOutcome::Finished(outcome))),
        }
    }

    async fn open_transaction(&mut self) -> Turn {
        if self.record(Event::TransactionOpened(TransactionOpened {})).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        match self.patiently(async |executor: &mut W| executor.open_transaction().await).await {
            Ok(()) => self.is_open = true,
            Err(failure) if is_interruption(&failure) => return self.stopped().await,
            Err(failure) => self.run.lose_transaction(failure),
        }
        Ok(NEXT)
    }

    async fn preflight(&mut self) -> Turn {
        let plan = self.plan()?;
        match self.with.executor.preflight(plan).await {
            Ok(passed) => self.tell(Event::PreflightPassed(passed)).await,
            Err(failures) if failures.iter().any(is_interruption) => self.stopped().await,
            Err(failures) => self.tell(Event::PreflightFailed(PreflightFailed { failures })).await,
        }
    }

    async fn check_before(&mut self) -> Turn {
        let plan = self.plan()?;
        let checks = match self.patiently(async |executor: &mut W| executor.check_before(plan).await).await {
            Ok(checks) => checks,
            Err(failure) if is_interruption(&failure) => return self.stopped().await,
            Err(failure) => not_evaluated(
                [(CheckPhase::Before, &plan.plan().checks.before), (CheckPhase::Unchanged, &plan.plan().checks.unchanged)],
                &failure,
            ),
        };
        let passed = checks.blocking().is_empty();
        self.tell(if passed { Event::BeforeChecksPassed(checks) } else { Event::BeforeChecksFailed(checks) }).await
    }

    async fn check_after(&mut self) -> Turn {
        let plan = self.plan()?;
        let before = self.run.before.clone();
        let checks = match self.patiently(async |executor: &mut W| executor.check_after(plan, &before).await).await {
            Ok(checks) => checks,
            Err(failure) if is_interruption(&failure) => return self.stopped().await,
            Err(failure) => not_evaluated(
                [(CheckPhase::After, &plan.plan().checks.after), (CheckPhase::Unchanged, &plan.plan().checks.unchanged)],
                &failure,
            ),
        };
        let passed = checks.blocking().is_empty();
        self.tell(if passed { Event::AfterChecksPassed(checks) } else { Event::AfterChecksFailed(checks) }).await
    }

    async fn take_backup(&mut self) -> Turn {
        let plan = self.plan()?;
        if self.record(Event::BackupStarted(BackupStarted {})).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        let reply = self.with.executor.take_backup(plan, self.run.seq + 1).await;
        self.conclude(reply, |failure| failure, |failure| Event::BackupFailed(BackupFailed { failure })).await
    }

    async fn run_step(&mut self, index: usize, attempt: u32) -> Turn {
        let plan = self.plan()?;
        let Some(outline) = self.run.outline.steps.get(index).cloned() else { return Err(DriveError::PlanNeeded) };
        if self.wait_again(outline.backoff, attempt).await == WaitEnd::Interrupted {
            return Ok(NEXT);
        }
        let step = outline.id;
        if self.record(Event::StepStarted(StepStarted { index, step: step.clone(), attempt })).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        let reply = self.with.executor.run_step(plan, index, attempt, self.run.seq + 1).await;
        if let (Err(Fault::InDoubt(failure)), false) = (&reply, outline.transactional) {
            return self.doubt(failure.clone()).await;
        }
        let failed = |failure| StepFailed { index, step, attempt, failure, checks: Vec::new() };
        self.conclude(reply, failed, Event::StepFailed).await
    }

    /// Commits the next batch. Its step is recorded as started once, and again after a failure or another runner; between two
    /// batches nothing but the checkpoint is stored.
    async fn run_batch(&mut self, index: usize, attempt: u32) -> Turn {
        let plan = self.plan()?;
        let (State::Applying(at), Some(outline)) = (&self.run.state, self.run.outline.steps.get(index).cloned()) else {
            return Err(DriveError::PlanNeeded);
        };
        let is_begun = at.progress == StepProgress::Started;
        if self.wait_again(outline.backoff, attempt).await == WaitEnd::Interrupted {
            return Ok(NEXT);
        }
        let step = outline.id;
        let started = Event::StepStarted(StepStarted { index, step: step.clone(), attempt });
        if !is_begun && self.record(started).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        let after = self.run.batched.clone();
        let reply = self.with.executor.run_batch(plan, index, attempt, &after, self.run.seq + 1).await;
        let failed = |failure| StepFailed { index, step, attempt, failure, checks: Vec::new() };
        self.conclude(reply, failed, Event::StepFailed).await
    }

    /// The reply of a step outside a transaction is lost: unless the journal knows, it is looked for in the database, as after a
    /// crash.
    async fn doubt(&mut self, failure: Failure) -> Turn {
        if self.look_up().await? == JournalLookup::Outcome {
            return Ok(NEXT);
        }
        self.doubts += 1;
        if self.doubts > DOUBTS_MAX {
            return Err(DriveError::Doubtful(failure));
        }
        self.tell(Event::RunResumed(RunResumed {})).await
    }

    async fn find_applied_state(&mut self, index: usize) -> Turn {
        let plan = self.plan()?;
        let (State::Applying(at), Some(step)) = (&self.run.state, self.run.outline.steps.get(index)) else {
            return Err(DriveError::PlanNeeded);
        };
        let (attempt, step) = (at.attempt, step.id.clone());
        let answer = self.patiently(async |executor: &mut W| executor.find_applied_state(plan, index).await).await;
        let failure = match answer {
            Ok(Some(true)) => return self.tell(Event::StepCommitted(StepCommitted::unseen(index, &step))).await,
            Ok(Some(false)) => {
                Failure::permanent("backstop::run::not_applied", "the step was cut off before it took effect")
                    .class(FailureClass::Transient)
            }
            Ok(None) => unknown_outcome(),
            Err(failure) if is_interruption(&failure) => return self.stopped().await,
            Err(failure) => unknown_outcome().detail(failure.message),
        };
        self.tell(Event::StepFailed(StepFailed { index, step, attempt, failure, checks: Vec::new() })).await
    }

    async fn undo_step(&mut self, index: usize) -> Turn {
        let plan = self.plan()?;
        let Some(step) = self.run.outline.steps.get(index).map(|step| step.id.clone()) else {
            return Err(DriveError::PlanNeeded);
        };
        if self.record(Event::UndoStarted(UndoStarted { index, step: step.clone() })).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        let reply = self.with.executor.undo_step(plan, index, self.run.seq + 1).await;
        self.conclude(reply, |failure| failure, |failure| Event::UndoFailed(UndoFailed { index, step, failure })).await
    }

    async fn compare_with_backup(&mut self) -> Turn {
        let backup = self.backup();
        let cause = self.cause();
        match self.patiently(async |executor: &mut W| executor.compare_with_backup(&backup).await).await {
            Ok(Ok(verified)) => {
                let outcome = RunOutcome::Restored { cause, uncovered: verified.uncovered.clone() };
                self.finish(&outcome, &Event::UndoVerified(verified)).await
            }
            Ok(Err(differs)) => self.tell(Event::UndoDiffers(differs)).await,
            Err(failure) if is_interruption(&failure) => self.stopped().await,
            Err(failure) => {
                let differences = vec![format!("could not be compared: {}", failure.message)];
                self.tell(Event::UndoDiffers(UndoDiffers { differences })).await
            }
        }
    }

    async fn restore(&mut self) -> Turn {
        let State::Restoring { fidelity, attempt, .. } = self.run.state else { return Ok(NEXT) };
        if self.wait_again(RESTORE_PAUSE, attempt).await == WaitEnd::Interrupted {
            return Ok(NEXT);
        }
        if self.record(Event::RestoreStarted(RestoreStarted { attempt, fidelity })).await? == Storing::Overtaken {
            return Ok(NEXT);
        }
        let (backup, steps) = (self.backup(), self.run.steps.clone());
        let reply = self.with.executor.restore(&backup, &steps, fidelity, self.run.seq + 1).await;
        let failed = |failure| Event::RestoreFailed(RestoreFailed { attempt, failure });
        self.conclude(reply, |failure| failure, failed).await
    }

    async fn roll_back(&mut self) -> Turn {
        let State::RollingBack { cause, steps, checks } = self.run.state.clone() else { return Ok(NEXT) };
        let rolled = TransactionRolledBack { cause, steps, checks };
        if self.run.outline.transaction == Transaction::Step {
            // The step's transaction is gone, but not what the backup put up around it.
            return self.finish(&rolled.outcome(), &Event::TransactionRolledBack(rolled)).await;
        }
        self.patiently(async |executor: &mut W| executor.roll_back().await).await.map_err(DriveError::Effect)?;
        self.is_open = false;
        self.run.forget_transaction();
        self.tell(Event::TransactionRolledBack(rolled)).await
    }

    async fn finish_as(&mut self, outcome: RunOutcome) -> Turn {
        let event = match &outcome {
            RunOutcome::Succeeded => Event::RunSucceeded(RunSucceeded {}),
            RunOutcome::Aborted(cause) => Event::RunAborted(RunAborted { cause: cause.clone() }),
            // These are finished by the effects that lead to them.
            RunOutcome::Restored { .. }
            | RunOutcome::RestoredExcept { .. }
            | RunOutcome::Accepted
            | RunOutcome::Stuck(_) => {
                return Ok(ControlFlow::Break(DriveOutcome::Finished(outcome)));
            }
        };
        self.finish(&outcome, &event).await
    }

    /// Stores the run's last event together with what ends a run.
    pub(super) async fn finish(&mut self, outcome: &RunOutcome, event: &Event) -> Turn {
        apply(&self.run.outline, self.run.state.clone(), event)?;
        let mut attempt = 1;
        loop {
            let seq = self.run.seq + 1;
            let failure = match self.with.executor.finish(outcome, event, seq).await {
                Ok(recorded) if recorded.seq == seq => {
                    self.is_open = false;
                    return self.take(&recorded).map(|()| NEXT);
                }
                Err(Fault::Failed(failure)) if is_interruption(&failure) => return self.stopped().await,
                Err(Fault::Failed(failure)) => failure,
                doubtful @ (Ok(_) | Err(Fault::InDoubt(_))) => {
                    if self.look_up().await? == JournalLookup::Outcome {
                        self.is_open = false;
                        return Ok(NEXT);
                    }
                    lost_reply(doubtful)
                }
            };
            if self.is_open {
                self.run.lose_transaction(failure);
                return Ok(NEXT);
            }
            if !self.is_worth_another_effect(&failure, attempt) {
                return Err(DriveError::Effect(failure));
            }
            attempt += 1;
            self.pause(RECONNECT_PAUSE, attempt, &failure).await;
        }
    }

    /// What follows the reply of an effect that stores its success itself.
    async fn conclude<F: HasFailure>(
        &mut self,
        reply: Result<Recorded, Fault<F>>,
        lost: impl FnOnce(Failure) -> F,
        event: impl FnOnce(F) -> Event,
    ) -> Turn {
        let failed = match reply {
            Ok(recorded) if recorded.seq == self.run.seq + 1 => return self.take(&recorded).map(|()| NEXT),
            Err(Fault::Failed(failed)) => failed,
            // Inside the plan's one transaction nothing commits by itself, so nothing can be in doubt.
            doubtful @ (Ok(_) | Err(Fault::InDoubt(_))) if self.is_open => lost(lost_reply(doubtful)),
            doubtful @ (Ok(_) | Err(Fault::InDoubt(_))) => {
                if self.look_up().await? == JournalLookup::Outcome {
                    return Ok(NEXT);
                }
                lost(lost_reply(doubtful))
            }
        };
        if is_interruption(failed.failure()) {
            return self.stopped().await;
        }
        self.last_failure = Some(failed.failure().clone());
        self.tell(event(failed)).await
    }

    /// Tries an effect that changes nothing until its failure is not transient, or often enough.
    async fn patiently<T>(&mut self, mut effect: impl AsyncFnMut(&mut W) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut attempt = 1;
        loop {
            let failure = match effect(self.with.executor).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            // A lost connection has taken the plan's one transaction with it.
            if !self.is_worth_another_effect(&failure, attempt) || self.is_open {
                return Err(failure);
            }
            attempt += 1;
            self.pause(RECONNECT_PAUSE, attempt, &failure).await;
            if self.signal().is_some() {
                return Err(failure.class(FailureClass::Interrupted));
            }
        }
    }

    fn is_worth_another_effect(&self, failure: &Failure, attempt: u32) -> bool {
        failure.class == FailureClass::Transient && attempt < EFFECT_ATTEMPTS_MAX && !self.with.executor.has_given_up()
    }

    /// Waits before another attempt that follows a failure of this drive.
    async fn wait_again(&mut self, base: Duration, attempt: u32) -> WaitEnd {
        let Some(why) = self.last_failure.take().filter(|_| attempt > 1) else { return WaitEnd::Over };
        self.pause(base, attempt, &why).await;
        if self.signal().is_some() { WaitEnd::Interrupted } else { WaitEnd::Over }
    }

    async fn tell(&mut self, event: Event) -> Turn {
        // Where something else had happened, the next command follows from that.
        self.record(event).await.map(|_| NEXT)
    }

    fn plan(&self) -> Result<&'a ResolvedPlan, DriveError> {
        self.plan.ok_or(DriveError::PlanNeeded)
    }

    fn backup(&self) -> String {
        self.run.backup.clone().unwrap_or_default()
    }

    fn cause(&self) -> Cause {
        match &self.run.state {
            State::Held { cause, .. }
            | State::Undoing { cause, .. }
            | State::Comparing { cause }
            | State::Restoring { cause, .. }
            | State::RollingBack { cause, .. }
            | State::Aborting { cause } => cause.clone(),
            State::Preflighting
            | State::Opening
            | State::Checking
            | State::BackingUp(_)
            | State::Applying(_)
            | State::Validating
            | State::Succeeding
            | State::Finished(_) => Cause::Requested,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitEnd {
    Over,
    Interrupted,
}

/// What effects fail with.
trait HasFailure {
    fn failure(&self) -> &Failure;
}

impl HasFailure for Failure {
    fn failure(&self) -> &Failure {
        self
    }
}

impl HasFailure for StepFailed {
    fn failure(&self) -> &Failure {
        &self.failure
    }
}

/// No answer came, or one that has the number of an earlier event, and the journal knows of no effect.
fn lost_reply<F>(reply: Result<Recorded, Fault<F>>) -> Failure {
    match reply {
        Err(Fault::InDoubt(failure)) => failure.class(FailureClass::Transient),
        Ok(_) | Err(Fault::Failed(_)) => stale_reply(),
    }
}

fn unknown_outcome() -> Failure {
    Failure::permanent("backstop::run::unknown_outcome", "whether the step was applied could not be found out")
        .class(FailureClass::Unknown)
        .hint(
            "Look at the database, then say with `settle` what became of the step, `resume` to look again, `restore` to go back, \
             or `accept` it as it stands.",
        )
}
