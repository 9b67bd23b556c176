//! Backups: taken at one snapshot, verified, listed, pruned, wherever they are kept.
//!
//! Every copy is proven equal to its table before the manifest says `complete`, and a backup that is not complete is never
//! offered for restore. Where copies and manifests are is the business of a store; the one in the database itself is here, too. This
//! room knows nothing of how a restore uses a backup.

mod clear;
mod copy_name;
mod copy_table;
mod in_database;
mod list;
mod load;
mod manual;
mod open_copy;
mod prune;
mod read;
mod sequence;
mod take;
mod target;
mod verify;
mod view;
mod workers;

pub(super) use clear::NOT_CLEARED;
pub use clear::{clear_partial, discarded};
pub use in_database::{InDatabase, SCHEMA};
pub(super) use in_database::{Keeper, copied, ensure_schema, record_statements, way};
pub(super) use list::PINNED_RUNS;
pub use list::{BackupInfo, list, newest_complete};
pub(super) use load::{load, load_as, load_from, value};
pub use manual::take_manual;
pub(super) use open_copy::{OpenCopies, OpenCopy};
pub use prune::{Pruning, Retention, prune};
pub use read::{Store, read};
pub(super) use sequence::readable_positions;
pub use take::{BrokenRows, Request, Sessions, take};
pub use verify::{Verification, verify};
pub use view::populated_columns;
