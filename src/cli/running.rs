//! What commands that change something share: the lock, the world, the drive, and the last words.

use std::{num::NonZeroUsize, time::Duration};

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    arguments::Running, console::Console, exit::Exit, journals::unreadable, place::Database, problem::Problem, signals,
};
use crate::{
    drive::{DriveError, Driver, Ended, port::Clock},
    machine::Ending,
    plan::{Plan, PlanName, Sequences},
    postgres::{
        connection::{Cancel, Connection},
        interrupt::Interruption,
        journal, lock, preflight, session,
        world::{Opening, PostgresWorld},
    },
    render::ResolvedPlan,
    report::Closing,
};

/// The run lock without a run, held for as long as this lives, on a database that has a journal.
pub struct Lock {
    connection: Connection,
}

impl Lock {
    /// Makes the journal where it is missing, takes the lock, and brings an older journal forward.
    pub async fn take(database: &Database, running: &Running, console: &Console) -> Result<Self, Problem> {
        let connection = database.connect_within(running.wait, console).await?;
        let other = database.connect_within(running.wait, console).await?;
        preflight::refuse_pooler(&[&connection.client, &other.client]).await.map_err(unreadable)?;
        drop(other);
        session::begin(&connection).await.map_err(unreadable)?;
        let failures = preflight::server(&connection.client).await.map_err(unreadable)?.failures();
        if !failures.is_empty() {
            return Err(Problem::failures(Exit::Aborted, failures));
        }
        journal::make(&connection.client).await.map_err(unreadable)?;
        lock::acquire(&connection.client, running.lock_wait, |holder| waiting(holder, console)).await?;
        journal::install(&connection.client).await.map_err(unreadable)?;
        Ok(Lock { connection })
    }

    /// The lock's session, for short statements.
    pub fn client(&self) -> &Client {
        &self.connection.client
    }

    /// What cancels the statement that runs in that session.
    pub fn cancel(&self) -> Cancel {
        self.connection.cancel()
    }

    /// Gives the lock back, so that whoever comes right after this program finds it free: the server takes a moment to see that a
    /// session has gone. Where this fails the session is gone, and the lock with it.
    pub async fn release(self) {
        let _ = lock::release(&self.connection.client).await;
    }
}

fn waiting(holder: &lock::Holder, console: &Console) {
    console.say(&format!("waiting for the lock, which is held by {holder}"));
}

/// The run that is to be driven, and what of its plan the world must know.
pub struct Target<'a> {
    /// The plan's name.
    pub plan: &'a PlanName,
    /// The run's id.
    pub run: Uuid,
    /// How many backups of the plan stay when the run ends well.
    pub keep: u32,
    /// Whether sequences may move backwards in a restore.
    pub sequences: Sequences,
}

impl<'a> Target<'a> {
    /// A run of this plan.
    pub fn of_plan(plan: &'a ResolvedPlan, run: Uuid) -> Self {
        let Plan { name, backup, .. } = plan.plan();
        Target { plan: name, run, keep: backup.keep, sequences: backup.sequences }
    }

    /// A run whose plan isn't at hand; it can't end well, so nothing is pruned.
    pub fn without_plan(plan: &'a PlanName, run: Uuid, sequences: Sequences) -> Self {
        Target { plan, run, keep: u32::MAX, sequences }
    }
}

/// Where runs are made, how, and who may stop them.
pub struct Site<'a> {
    /// The database.
    pub database: &'a Database,
    /// How.
    pub running: &'a Running,
    /// Who may stop them.
    pub interruption: &'a Interruption,
}

impl Site<'_> {
    /// Takes the lock and the right to write for a run of a plan.
    pub async fn open(&self, target: &Target<'_>, console: &mut Console) -> Result<PostgresWorld, Problem> {
        let opening = Opening {
            options: self.database.options().clone(),
            plan: target.plan.clone(),
            run: target.run,
            lock_wait: self.running.lock_wait,
            reconnect: self.running.wait,
            terminate_blockers_after: self.running.terminate_blockers_after,
            keep: target.keep,
            sequences: target.sequences,
            workers: NonZeroUsize::new(self.running.jobs.into()).unwrap_or(NonZeroUsize::MIN),
            interruption: self.interruption.clone(),
            tell: console.progress(),
        };
        let opened = async { Ok(PostgresWorld::open(opening, |holder| waiting(holder, console)).await?) };
        let world = signals::unless_stopped(self.interruption, opened).await?;
        signals::now_driving(target.run);
        console.telemetry().begin(target.run, target.plan);
        Ok(world)
    }

    /// Drives a run as far as it goes.
    pub async fn drive(
        &self,
        world: &mut PostgresWorld,
        console: &mut Console,
        drive: impl AsyncFnOnce(Driver<'_, PostgresWorld, TokioClock, Console, Interruption>) -> Result<Ended, DriveError>,
    ) -> Result<Ended, Problem> {
        let driver = Driver { world, clock: &mut TokioClock, observer: console, interrupt: self.interruption };
        Ok(drive(driver).await?)
    }
}

/// Says how a drive ended, and gives the exit code.
pub fn close(run: Uuid, ended: &Ended, console: &mut Console) -> Result<Exit, Problem> {
    let (closing, exit) = match ended {
        Ended::Finished(ending) => (Closing::Finished(ending), exit_of(ending)),
        Ended::Held(cause) => (Closing::Held(cause), Exit::Held),
        Ended::Interrupted { signal } => (Closing::Interrupted(signal), Exit::Held),
    };
    console.telemetry().left(&closing, exit);
    console.close(&run.to_string(), &closing, exit)?;
    Ok(exit)
}

fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Succeeded | Ending::Accepted => Exit::Done,
        Ending::Aborted(_) => Exit::Aborted,
        Ending::Restored { .. } => Exit::Restored,
        Ending::RestoredExcept { .. } => Exit::RestoredExcept,
        Ending::Stuck(_) => Exit::Stuck,
    }
}

/// The clock on the wall, and chance.
pub struct TokioClock;

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
