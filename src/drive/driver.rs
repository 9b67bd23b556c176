//! The loop.

use std::ops::ControlFlow;

use super::{
    driven_run::{DrivenRun, Driver},
    ended::{DriveError, DriveOutcome},
    journal::Storing,
    ports::{Clock, Executor, Interrupt, Observer, Recorded},
    signals::is_interruption,
};
use crate::{
    machine::{
        Command, Event, Outline, PlanAmended, RestoreRequested, Run, RunAccepted, RunOutcome, RunResumed, RunStarted,
        SavedPlanUsed, State, StepSettled, decide, replay,
    },
    render::ResolvedPlan,
};

impl<'a, W: Executor, C: Clock, O: Observer, I: Interrupt> Driver<'a, W, C, O, I> {
    /// Starts a run with this id of a plan and drives it as far as it goes.
    ///
    /// # Errors
    /// [`DriveError`] where it could not go on; the run stays as its journal says.
    pub async fn start(self, plan: &'a ResolvedPlan, id: &str) -> Result<DriveOutcome, DriveError> {
        self.start_saved(plan, id, None).await
    }

    /// The same of a saved plan: the journal's first event says which, so that it is known to be used.
    ///
    /// # Errors
    /// As [`Driver::start`].
    pub async fn start_saved(
        self,
        plan: &'a ResolvedPlan,
        id: &str,
        saved_plan: Option<SavedPlanUsed>,
    ) -> Result<DriveOutcome, DriveError> {
        let started = RunStarted {
            run: id.to_owned(),
            plan: plan.plan().name.to_string(),
            fingerprint: plan.fingerprint().to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            outline: Outline::of(plan),
            backup_schema: plan.plan().backup.schema.shown().to_owned(),
            rendered: plan.shown().to_owned(),
            sequences: plan.plan().backup.sequences,
            restores: None,
            saved_plan,
        };
        self.begin(Some(plan), started).await
    }

    /// Starts a run that only brings a backup back.
    ///
    /// # Errors
    /// [`DriveError`] where it could not go on; the run stays as its journal says.
    pub async fn bring_back(self, started: RunStarted) -> Result<DriveOutcome, DriveError> {
        self.begin(None, started).await
    }

    async fn begin(self, plan: Option<&'a ResolvedPlan>, started: RunStarted) -> Result<DriveOutcome, DriveError> {
        let mut course = DrivenRun::new(self, plan, Run::begin(&started));
        let recorded = course.append(1, &Event::RunStarted(started)).await.map_err(DriveError::Journal)?;
        course.with.observer.stored(&recorded);
        course.drive().await
    }

    /// Goes on with a run in its direction; one that has ended is left alone.
    ///
    /// # Errors
    /// [`DriveError`] where the plan is not the run's or the run could not go on; it stays as its journal says.
    pub async fn resume(self, plan: &'a ResolvedPlan, journal: Vec<Recorded>) -> Result<DriveOutcome, DriveError> {
        let run = replayed(journal)?;
        if let State::Finished(outcome) = run.state {
            return Ok(DriveOutcome::Finished(outcome));
        }
        if run.fingerprint != plan.fingerprint() {
            return Err(DriveError::OtherPlan { run: run.fingerprint, given: plan.fingerprint().to_owned() });
        }
        DrivenRun::new(self, Some(plan), run).drive_on(Event::RunResumed(RunResumed {})).await
    }

    /// Goes on with a run whose plan was changed for the steps that have not run yet; `changes` says what was.
    ///
    /// # Errors
    /// [`DriveError`] where the change is of something that has run, or the run could not go on; it stays as its journal says.
    pub async fn amend(
        self,
        plan: &'a ResolvedPlan,
        changes: Vec<String>,
        journal: Vec<Recorded>,
    ) -> Result<DriveOutcome, DriveError> {
        let mut course = DrivenRun::new(self, Some(plan), replayed(journal)?);
        let amended = Event::PlanAmended(PlanAmended {
            fingerprint: plan.fingerprint().to_owned(),
            outline: Outline::of(plan),
            rendered: plan.shown().to_owned(),
            changes,
        });
        if course.record(amended).await? == Storing::Overtaken {
            return course.drive().await;
        }
        course.drive_on(Event::RunResumed(RunResumed {})).await
    }

    /// Records what a person found out of a step of which nobody knew whether it was applied; the run stays held.
    ///
    /// # Errors
    /// [`DriveError`] where the run is not held for that reason, or it could not be stored.
    pub async fn settle(self, settled: StepSettled, journal: Vec<Recorded>) -> Result<DriveOutcome, DriveError> {
        let mut course = DrivenRun::new(self, None, replayed(journal)?);
        // Where something else had happened, that is what the run stands at.
        let _ = course.record(Event::StepSettled(settled)).await?;
        course.drive().await
    }

    /// Brings a run back that has not ended. The plan's file is not needed.
    ///
    /// # Errors
    /// [`DriveError`] where the run has ended or could not go on; it stays as its journal says.
    pub async fn go_back(self, journal: Vec<Recorded>) -> Result<DriveOutcome, DriveError> {
        DrivenRun::new(self, None, replayed(journal)?).drive_on(Event::RestoreRequested(RestoreRequested {})).await
    }

    /// Ends a held run with the database as it stands.
    ///
    /// # Errors
    /// [`DriveError`] where the run is not held or its end could not be stored; it stays as its journal says.
    pub async fn accept(self, reason: &str, journal: Vec<Recorded>) -> Result<DriveOutcome, DriveError> {
        let mut course = DrivenRun::new(self, None, replayed(journal)?);
        let accepted = Event::RunAccepted(RunAccepted { reason: reason.to_owned() });
        match course.finish(&RunOutcome::Accepted, &accepted).await? {
            ControlFlow::Break(ended) => Ok(ended),
            ControlFlow::Continue(()) => course.drive().await,
        }
    }
}

fn replayed(journal: Vec<Recorded>) -> Result<Run, DriveError> {
    Ok(replay(journal.into_iter().map(|recorded| (recorded.seq, recorded.event)))?)
}

impl<'a, W: Executor, C: Clock, O: Observer, I: Interrupt> DrivenRun<'a, W, C, O, I> {
    /// Stores a person's decision and drives.
    async fn drive_on(mut self, decision: Event) -> Result<DriveOutcome, DriveError> {
        // Where something else had happened, that is what the run goes on from.
        let _ = self.record(decision).await?;
        self.drive().await
    }

    async fn drive(mut self) -> Result<DriveOutcome, DriveError> {
        loop {
            let command = decide(&self.run.outline, &self.run.state);
            let turn = match self.signal() {
                Some(signal) if heeds_signals(&command) => self.interrupted(signal).await,
                Some(_) | None => self.carry_out(command).await,
            };
            match turn {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(ended)) => return Ok(ended),
                // The signal came while the database was out of reach: the journal can't be told of it, and need not be.
                Err(DriveError::Journal(failure) | DriveError::Effect(failure)) if is_interruption(&failure) => {
                    return Ok(DriveOutcome::Interrupted { signal: self.signal_heard() });
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// What ends a run or a transaction is short; it is not worth stopping before it.
fn heeds_signals(command: &Command) -> bool {
    match command {
        Command::OpenTransaction
        | Command::Preflight
        | Command::CheckBefore
        | Command::TakeBackup
        | Command::RunStep { .. }
        | Command::RunBatch { .. }
        | Command::FindAppliedState { .. }
        | Command::CheckAfter
        | Command::UndoStep { .. }
        | Command::CompareWithBackup
        | Command::Restore => true,
        Command::RollBack | Command::Finish(_) | Command::AwaitDecision | Command::Stop(_) => false,
    }
}
