//! What became of a backup's tables and of the structure around them since: asked, never changed.
//!
//! Rows are compared on the server, set against set, and only counts and a bounded sample of keys come here. This room knows
//! nothing of restores.

mod rows;
mod since;

pub use rows::{By, RowDelta, Sampled, TableDelta, table_deltas};
pub use since::{ChangesSince, since};
