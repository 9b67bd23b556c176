//! The search path of every session: ours, before its first statement.
//!
//! It is a startup option, which counts for more than what role and database say, and which no `RESET` takes back.

/// The path of every statement of ours. Temporary objects come last, or they would come first.
pub const PINNED: &str = "pg_catalog, pg_temp";

/// Pins it for the session; in a transaction from then on and beyond its end, whatever a step has set before.
pub const PIN: &str = "SET search_path = pg_catalog, pg_temp";

/// Startup option.
pub(super) fn option() -> String {
    format!("-c search_path={}", PINNED.replace(' ', ""))
}
