//! A step that waits in the midst of a run, until the test lets it go on.

use tokio::runtime::Runtime;

use super::work::{Work, until};
use crate::support::{Output, TestDatabase};

/// The step.
pub const WAITS: &str = "  - {id: wait, sql: SELECT pg_advisory_xact_lock(4711)}\n";

/// Keeps the step waiting.
pub struct Gate<'a> {
    database: &'a TestDatabase,
    runtime: Runtime,
    session: backstop::postgres::connection::Connection,
}

impl<'a> Gate<'a> {
    pub fn shut(database: &'a TestDatabase) -> Self {
        let runtime = Runtime::new().unwrap();
        let session = runtime.block_on(database.connect());
        runtime.block_on(session.client.batch_execute("SELECT pg_advisory_lock(4711)")).unwrap();
        Gate { database, runtime, session }
    }

    pub fn await_somebody(&self) {
        until(
            self.database,
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
    }

    pub fn open(self) {
        self.runtime.block_on(self.session.client.batch_execute("SELECT pg_advisory_unlock(4711)")).unwrap();
    }
}

/// Applies the plan, and does something else while its step waits.
pub fn meanwhile(database: &TestDatabase, plan: &str, others: impl FnOnce()) -> Output {
    let (work, gate) = (Work::new(), Gate::shut(database));
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(database, plan));
        gate.await_somebody();
        others();
        gate.open();
        applied.join().unwrap()
    })
}
