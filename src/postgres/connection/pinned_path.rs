//! What every session of ours has before its first statement: our search path, and no limit of time.
//!
//! These are startup options, which count for more than what role and database say, and which no `RESET` takes back.

/// The path of every statement of ours. Temporary objects come last, or they would come first.
pub const PINNED: &str = "pg_catalog, pg_temp";

/// Pins it for the session; in a transaction from then on and beyond its end, whatever a step has set before.
pub const PIN: &str = "SET search_path = pg_catalog, pg_temp";

/// Limits of time that every version knows. What a role or a database says of them must not end the statement that lifts them.
const LIMITS: [&str; 3] = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];

/// Startup options; with these limits lifted beside those that every version knows.
pub(super) fn options(lifted: &[&str]) -> Vec<String> {
    let path = format!("-c search_path={}", PINNED.replace(' ', ""));
    [path].into_iter().chain(LIMITS.iter().chain(lifted).map(|limit| format!("-c {limit}=0"))).collect()
}
