//! Steps that wait in the midst of a run, until the test lets them go on.

use tokio::runtime::Runtime;

use super::work::{Work, until};
use crate::support::{Output, TestDatabase};

/// The key of the gate that most runs have one of.
const ONLY: u32 = 4711;

/// The step that waits there.
pub const WAITS: &str = "  - {id: wait, sql: SELECT pg_advisory_xact_lock(4711)}\n";

/// A step that waits at one of several gates.
pub fn waits_at(key: u32) -> String {
    format!("  - {{id: wait-{key}, sql: SELECT pg_advisory_xact_lock({key})}}\n")
}

/// Keeps the step waiting.
pub struct Gate<'a> {
    key: u32,
    database: &'a TestDatabase,
    runtime: Runtime,
    session: backstop::postgres::connection::Connection,
}

impl<'a> Gate<'a> {
    pub fn shut(database: &'a TestDatabase) -> Self {
        Gate::shut_at(database, ONLY)
    }

    /// One of several.
    pub fn shut_at(database: &'a TestDatabase, key: u32) -> Self {
        let runtime = Runtime::new().unwrap();
        let session = runtime.block_on(database.connect());
        runtime.block_on(session.client.batch_execute(&format!("SELECT pg_advisory_lock({key})"))).unwrap();
        Gate { key, database, runtime, session }
    }

    pub fn await_somebody(&self) {
        until(
            self.database,
            &format!(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {} AND NOT granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                self.key
            ),
        );
    }

    pub fn open(self) {
        let unlock = format!("SELECT pg_advisory_unlock({})", self.key);
        self.runtime.block_on(self.session.client.batch_execute(&unlock)).unwrap();
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
