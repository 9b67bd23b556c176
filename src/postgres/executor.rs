//! The ports on one PostgreSQL database, put together from the parts of this room.
//!
//! Three sessions: one holds the run lock and never sits in a transaction, one works and writes the journal, one looks on. A
//! session that is lost is opened again at the next effect; before anything is decided then, a COMMIT that was on its way is
//! looked up.

mod backups;
mod batched_step;
mod batches;
mod checks;
mod effects;
mod finish;
mod heartbeat;
mod history;
mod identity;
mod open;
mod own_transaction;
mod reconnect;
mod restore;
mod sessions;
mod steps;
mod trial;

pub use open::{ExecutorOptions, OpenError, PostgresExecutor};
