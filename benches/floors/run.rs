//! A whole run, timed.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use backstop::{
    drive::{
        DriveOutcome, Driver,
        ports::{Clock, Observer, Recorded},
    },
    machine::Failure,
    postgres::{
        backup::InDatabase,
        executor::{ExecutorOptions, PostgresExecutor},
        interrupt::interruption,
    },
    render::ResolvedPlan,
};
use uuid::Uuid;

use super::server::Database;

/// How a run went.
pub struct Course {
    /// How it ended.
    pub ended: DriveOutcome,
    /// From the first connection to the last event.
    pub whole: Duration,
    /// Each event with the time since the one before.
    pub phases: Vec<(&'static str, Duration)>,
}

impl Course {
    /// The time from the first event of one kind to the last of another.
    pub fn between(&self, from: &str, to: &str) -> Duration {
        let first = self.phases.iter().position(|(kind, _)| *kind == from).unwrap_or_else(|| panic!("no {from}"));
        let last = self.phases.iter().rposition(|(kind, _)| *kind == to).unwrap_or_else(|| panic!("no {to}"));
        self.phases[first + 1..=last].iter().map(|(_, time)| *time).sum()
    }
}

/// Runs the plan with two workers, as the program does.
pub async fn apply(database: &Database, plan: &ResolvedPlan) -> Course {
    let (_interrupter, interruption) = interruption();
    let run = Uuid::now_v7();
    let begun = Instant::now();
    let opening = ExecutorOptions {
        options: database.options.clone(),
        backups: Arc::new(InDatabase),
        plan: plan.plan().name.clone(),
        run,
        lock_wait: Duration::from_secs(5),
        reconnect: Duration::ZERO,
        terminate_blockers_after: None,
        workers: NonZeroUsize::new(2).expect("two"),
        keep: plan.plan().backup.keep,
        sequences: plan.plan().backup.sequences,
        interruption: interruption.clone(),
        tell: Arc::new(|_| {}),
    };
    let mut executor = PostgresExecutor::open(opening, |_| {})
        .await
        .unwrap_or_else(|error| panic!("the executor does not open: {error:?}"));
    let mut noted = Noted { last: Instant::now(), phases: vec![("open", begun.elapsed())] };
    let driver = Driver { executor: &mut executor, clock: &mut Real, observer: &mut noted, interrupt: &interruption };
    let ended = driver.start(plan, &run.to_string()).await.unwrap_or_else(|error| panic!("the run stopped: {error:?}"));
    executor.close().await.expect("the lock is given back");
    Course { ended, whole: begun.elapsed(), phases: noted.phases }
}

struct Noted {
    last: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Observer for Noted {
    fn stored(&mut self, recorded: &Recorded) {
        self.phases.push((recorded.event.name(), self.last.elapsed()));
        self.last = Instant::now();
    }

    fn waiting(&mut self, _: Duration, _: &Failure) {}
}

struct Real;

impl Clock for Real {
    async fn sleep(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn chance(&mut self) -> f64 {
        0.5
    }
}
