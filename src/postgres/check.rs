//! Checks, evaluated on a connection.
//!
//! Every check of a phase is evaluated, whatever became of the others; each under a savepoint of its own, read-only, and
//! rolled back, so that no check changes anything. What could not be evaluated is an error and never a pass.

mod constraint;
mod evaluate;
mod finding;
mod phase;
mod query;
mod question;
mod rows;
mod sample;
mod security;
mod structure;

pub use evaluate::{compare_unchanged, evaluate};
pub use phase::{phase, phase_in};
pub use question::question;
