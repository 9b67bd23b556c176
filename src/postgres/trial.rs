//! Bringing a backup's state into being where nothing of it is: to try a restore, or to look at the state beside the live one.
//!
//! The same script makes it that a restore runs; rows are streamed from the copies. The tables that the backup was taken of are
//! neither locked nor written to. This room knows nothing of runs.

mod build;
mod in_schema;
mod restore_into;
mod scratch;
mod stream;
mod trial_restore;

pub use restore_into::{Filled, RestoreInto, into_database};
pub use trial_restore::{TrialRequest, trial_restore};
