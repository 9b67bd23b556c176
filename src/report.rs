//! Events, checks and failures → text and JSON; pure functions to strings.
//!
//! This room knows nothing of the driver or of PostgreSQL.
