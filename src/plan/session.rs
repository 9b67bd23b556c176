//! Settings of every session that a run opens.

use std::time::Duration;

use super::stage::Stage;

/// Timeouts and the search path. They are set with `SET LOCAL` wherever a transaction exists
/// (<https://www.postgresql.org/docs/current/runtime-config-client.html>).
#[derive(Debug, Clone, PartialEq)]
pub struct Session<S: Stage> {
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a transaction may stand idle.
    pub idle_in_transaction_session_timeout: Duration,
    /// Schemas that unqualified names of the plan's SQL are looked up in.
    pub search_path: S::List,
}

impl<S: Stage> Session<S> {
    /// What a plan gets that says nothing of locks: long enough for a moment's contention, too short for an outage.
    pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
    /// What a plan gets that says nothing of the length of statements.
    pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
    /// What a plan gets that says nothing of idle transactions.
    pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
}
