//! Bringing a backup's state into being where nothing of it is: to try a restore, or to look at the state beside the live one.
//!
//! The same script makes it that a restore runs; rows are streamed from the copies. The tables that the backup was taken of are
//! neither locked nor written to. This room knows nothing of runs.

mod beside;
mod build;
mod in_schema;
mod scratch;
mod stream;
mod try_out;

pub use beside::{Beside, Filled, into_database};
pub use try_out::{Setting, try_out};
