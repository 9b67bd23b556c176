//! Backups inside the database: taken at one snapshot, verified, listed, pruned.
//!
//! Every copy is proven equal to its table before the manifest says `complete`, and a backup that is not complete is never
//! offered for restore. This room knows nothing of how a restore uses a backup.

mod clear;
mod copy_name;
mod copy_table;
mod list;
mod load;
mod manifest;
mod manual;
mod prune;
mod sequence;
mod statements;
mod storage;
mod take;
mod target;
mod verify;
mod view;
mod way;
mod workers;

pub use clear::{clear_partial, discard, discarded};
pub(super) use copy_table::copied;
pub(super) use list::PINNED_RUNS;
pub use list::{BackupInfo, Status, list};
pub(super) use load::{load, load_as, load_from, value};
pub use manifest::{Manifest, SCHEMA, TableCopy, newest_complete, read};
pub use manual::take_manual;
pub use prune::{Pruning, Retention, prune};
pub(super) use sequence::readable_positions;
pub(super) use statements::{Keeper, record_statements};
pub(super) use storage::ensure_schema;
pub use take::{BrokenRows, Request, Sessions, Shortcoming, Taken, complete_in, take};
pub use verify::{Verification, verify};
pub use view::{ViewContent, populated_columns};
pub(super) use way::way;
