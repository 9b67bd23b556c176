//! What commands that change something share: the lock, the world, the drive, and the last words.

use std::time::Duration;

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    arguments::Running,
    console::Console,
    exit::Exit,
    journals::unreadable,
    place::Database,
    problem::Problem,
};
use crate::{
    drive::{DriveError, Driver, Ended, port::Clock},
    machine::Ending,
    postgres::{
        connection::{Connection, connect},
        interrupt::Interruption,
        journal, lock,
        preflight,
        world::PostgresWorld,
    },
    report::Closing,
};

/// What the lock's session is called in `pg_stat_activity`.
const LOCK_APPLICATION: &str = "backstop lock";

/// The run lock, held for as long as this lives, on a database that has a journal.
pub struct Lock {
    connection: Connection,
}

impl Lock {
    /// Takes the lock, then makes the journal where it is missing.
    pub async fn take(database: &Database, running: &Running, console: &Console) -> Result<Self, Problem> {
        let connection = connect(database.options(), LOCK_APPLICATION).await?;
        let server = preflight::server(&connection.client).await.map_err(unreadable)?;
        let failures = server.failures();
        if !failures.is_empty() {
            return Err(Problem::failures(Exit::Aborted, failures));
        }
        let waiting = |holder: &lock::Holder| console.say(&format!("waiting for the lock, which is held by {holder}"));
        lock::acquire(&connection.client, running.lock_wait, waiting).await?;
        journal::install(&connection.client).await.map_err(unreadable)?;
        Ok(Lock { connection })
    }

    /// The lock's session, for short statements outside of transactions.
    pub fn client(&self) -> &Client {
        &self.connection.client
    }
}

/// Where something runs, and who may stop it.
pub struct Site<'a> {
    /// The database.
    pub database: &'a Database,
    /// How.
    pub running: &'a Running,
    /// Who may stop it.
    pub interruption: &'a Interruption,
}

impl Site<'_> {
    /// Drives a run and tells how it ended.
    pub async fn drive<'c>(
        &self,
        run: Uuid,
        console: &'c mut Console,
        drive: impl AsyncFnOnce(
            Driver<'_, PostgresWorld, TokioClock, Console, Interruption>,
        ) -> Result<Ended, DriveError>,
    ) -> Result<Ended, Problem> {
        let mut world = PostgresWorld::open(self.database.options(), run, self.running.jobs, self.interruption.clone())
            .await
            .map_err(unreadable)?;
        let driver =
            Driver { world: &mut world, clock: &mut TokioClock, observer: console, interrupt: self.interruption };
        Ok(drive(driver).await?)
    }
}

/// Says how a drive ended, and gives the exit code.
pub fn close(run: Uuid, ended: &Ended, console: &Console) -> Result<Exit, Problem> {
    let (closing, exit) = match ended {
        Ended::Finished(ending) => (Closing::Finished(ending), exit_of(ending)),
        Ended::Held(cause) => (Closing::Held(cause), Exit::Held),
        Ended::Interrupted { signal } => (Closing::Interrupted(signal), Exit::Held),
    };
    console.close(&run.to_string(), &closing, exit)?;
    Ok(exit)
}

fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Succeeded | Ending::Accepted => Exit::Done,
        Ending::Aborted(_) => Exit::Aborted,
        Ending::Restored(_) => Exit::Restored,
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
        // Random bits of a fresh UUID; jitter needs no better ones.
        let bits = Uuid::new_v4().as_u64_pair().1 & ((1 << 52) - 1);
        bits as f64 / (1u64 << 52) as f64
    }
}
