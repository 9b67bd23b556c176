//! Checks, evaluated on a connection. What each kind asks stands in the room `checks`; here it is asked.
//!
//! Every check of a phase is evaluated, whatever became of the others; each under a savepoint of its own, read-only, and
//! rolled back, so that no check changes anything. What could not be evaluated is an error and never a pass.

mod ask;
mod evaluate;
mod finding;
mod phase;
mod query;
mod sample;
mod stored;
mod verdict;

pub use evaluate::{compare_unchanged, evaluate};
pub use finding::NAMED_MAX;
pub use phase::{phase, phase_in};
pub use stored::{FORM, stored};
