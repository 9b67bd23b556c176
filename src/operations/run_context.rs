//! What operations that change something share: the executor, the drive, and how a run was left.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    database::DatabaseAccess,
    interruption::{Interruption, unless_stopped},
    problem::OperationProblem,
    watcher::{OperationNotice, RunLeft, Watcher, WatcherObserver},
};
use crate::{
    drive::{DriveError, DriveOutcome, Driver, ports::Clock},
    plan::{Plan, PlanName, Sequences},
    postgres::{
        backup::InDatabase,
        connection::Connection,
        executor::{ExecutorOptions, PostgresExecutor},
    },
    render::ResolvedPlan,
};

/// How a run behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// How long to wait for another run to end.
    pub lock_wait: Duration,
    /// How long a server that is out of reach is waited for, at the beginning and after a lost connection; zero is a single attempt.
    pub reconnect: Duration,
    /// How long sessions may keep the run waiting for a lock before they are ended; none leaves them alone.
    pub terminate_blockers_after: Option<Duration>,
    /// How many tables are copied side by side.
    pub workers: NonZeroUsize,
}

impl Default for RunOptions {
    /// 10 s for another run, 30 s for the server, two tables at once, and nobody's session is ended.
    fn default() -> Self {
        RunOptions {
            lock_wait: Duration::from_secs(10),
            reconnect: Duration::from_secs(30),
            terminate_blockers_after: None,
            workers: NonZeroUsize::MIN.saturating_add(1),
        }
    }
}

/// Where runs are made, how, and who may stop them.
#[derive(Clone, Copy)]
pub struct RunContext<'a> {
    /// Where the run is made.
    pub database: &'a DatabaseAccess,
    /// As the command line, or the program that embeds us, wants it.
    pub options: &'a RunOptions,
    /// Who may stop them.
    pub interruption: &'a Interruption,
}

/// The run that is to be driven, and what of its plan the executor must know.
pub(super) struct RunTarget<'a> {
    plan: &'a PlanName,
    run: Uuid,
    keep: u32,
    sequences: Sequences,
}

impl<'a> RunTarget<'a> {
    /// A run of this plan.
    pub fn of_plan(plan: &'a ResolvedPlan, run: Uuid) -> Self {
        let Plan { name, backup, .. } = plan.plan();
        RunTarget { plan: name, run, keep: backup.keep, sequences: backup.sequences }
    }

    /// A run whose plan isn't at hand; it can't end well, so nothing is pruned.
    pub fn without_plan(plan: &'a PlanName, run: Uuid, sequences: Sequences) -> Self {
        RunTarget { plan, run, keep: u32::MAX, sequences }
    }
}

/// What a run is driven with.
pub(super) type RunDriver<'a> = Driver<'a, PostgresExecutor, TokioClock, WatcherObserver<'a>, Interruption>;

impl RunContext<'_> {
    /// A session to look around in, waited for as long as the options say.
    pub(super) async fn connected(&self, watcher: &mut dyn Watcher) -> Result<Connection, OperationProblem> {
        unless_stopped(self.interruption, self.database.connect_within(self.options.reconnect, watcher)).await
    }

    /// Takes the lock and the right to write for a run of a plan.
    pub(super) async fn open(
        &self,
        target: &RunTarget<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<PostgresExecutor, OperationProblem> {
        let opening = ExecutorOptions {
            options: self.database.options().clone(),
            backups: Arc::new(InDatabase),
            plan: target.plan.clone(),
            run: target.run,
            lock_wait: self.options.lock_wait,
            reconnect: self.options.reconnect,
            terminate_blockers_after: self.options.terminate_blockers_after,
            keep: target.keep,
            sequences: target.sequences,
            workers: self.options.workers,
            interruption: self.interruption.clone(),
            tell: watcher.progress(),
        };
        // That it could not be told is no reason not to wait.
        let waiting = |holder: &_| drop(watcher.notice(OperationNotice::LockHeld(holder)));
        let opened = async { Ok(PostgresExecutor::open(opening, waiting).await?) };
        let executor = unless_stopped(self.interruption, opened).await?;
        watcher.notice(OperationNotice::RunBegun { run: target.run, plan: target.plan })?;
        Ok(executor)
    }

    /// Drives a run as far as it goes, and says how it was left.
    pub(super) async fn drive(
        &self,
        run: Uuid,
        executor: &mut PostgresExecutor,
        watcher: &mut dyn Watcher,
        drive: impl AsyncFnOnce(RunDriver<'_>) -> Result<DriveOutcome, DriveError>,
    ) -> Result<RunLeft, OperationProblem> {
        let driver = Driver {
            executor,
            clock: &mut TokioClock,
            observer: &mut WatcherObserver(&mut *watcher),
            interrupt: self.interruption,
        };
        // A whole run is large, and whoever embeds it may have a small stack.
        let left = RunLeft { run, ended: Box::pin(drive(driver)).await? };
        watcher.notice(OperationNotice::RunLeft(&left))?;
        Ok(left)
    }
}

/// The clock on the wall, and chance.
pub(super) struct TokioClock;

impl Clock for TokioClock {
    async fn sleep(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn chance(&mut self) -> f64 {
        // The random bits of a fresh UUID: jitter needs no better ones.
        let bits = Uuid::now_v7().as_u64_pair().1 & ((1 << 52) - 1);
        bits as f64 / (1u64 << 52) as f64
    }
}
