//! Steps: run, looked at, committed together with their event.
//!
//! A step commits only when its rows and checks are as expected, when everything it wrote to is covered, and when the way
//! back from what it changed is known. A step outside a transaction can't be looked at before it takes effect; it may be no
//! more than one statement of a kind that PostgreSQL refuses in a transaction block.

mod applied_state;
mod batch;
mod commit;
mod evidence;
mod frame;
mod lock_retry;
mod outside;
mod outside_effect;
mod probe;
mod run;
mod secret_names;
mod statement_error;
mod statements;

pub use applied_state::{Leftovers, end_leftovers, find_applied_state, statement_applied_state};
pub use batch::{Brake, Key, Lag, Meter, Pace, brake, commit_next, hidden};
pub use commit::{Committed, commit};
pub use evidence::{Doubtful, Evidence, evidence};
pub use frame::{Frame, announce};
pub(crate) use outside::refusal as refusal_outside;
pub use outside::run_outside;
pub use run::{StepFault, StepRun, WayBack, current_transaction, fire_deferred_constraints};
