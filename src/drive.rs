//! The loop that joins machine and executor: decide, record the intent, wait until it is stored, act, record the outcome, apply.
//!
//! What crosses to the outside is the small set of [`port`]s. This room knows nothing of PostgreSQL or of terminals.

pub mod backups;
pub mod manifest;
pub mod ports;

mod backoff;
mod driven_run;
mod driver;
mod effects;
mod ended;
mod journal;
mod paths;
mod signals;
mod unevaluated;

#[cfg(test)]
mod tests;

pub use driven_run::Driver;
pub use ended::{DriveError, DriveOutcome};
pub use paths::ExpressionPaths;
