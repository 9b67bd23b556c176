//! Backups inside the database: taken at one snapshot, verified, listed, pruned.
//!
//! Every copy is proven equal to its table before the manifest says `complete`, and a backup that is not complete is never
//! offered for restore. This room knows nothing of how a restore uses a backup.

mod alone;
mod clear;
mod copy_name;
mod copy_table;
mod list;
mod manifest;
mod prune;
mod sequence;
mod storage;
mod take;
mod target;
mod verify;
mod view;
mod workers;

pub use alone::take_alone;
pub use clear::{clear_partial, discard};
pub use list::{BackupInfo, Status, list};
pub use manifest::{Manifest, SCHEMA, TableCopy, newest_complete, read};
pub use prune::{Pruning, Retention, prune};
pub(super) use sequence::readable_positions;
pub use take::{Request, Sessions, Taken, complete_in, take};
pub use verify::{Verification, verify};
pub use view::{ViewContent, populated_columns};
