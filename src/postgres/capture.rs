//! The database's structure, read into a [`crate::catalog::Snapshot`].
//!
//! A handful of set-based queries over `pg_catalog`, sent together, whose rows already have the shape of catalog objects; none
//! of them needs more than any role may read. They run inside the caller's transaction and see its uncommitted changes; the
//! session is afterwards as it was. OIDs serve to join the answers and then are forgotten.

mod amend;
mod asking;
mod assemble;
mod fitted;
#[cfg(debug_assertions)]
mod guard;
mod memory;
mod own_changes;
mod position;
mod prepared;
mod query;
mod read;
mod versions;
mod watched;

pub(super) use fitted::fitted;
pub use memory::Memory;
pub use own_changes::{Places, own_changes, own_changes_question};
pub use position::{Positions, positions};
pub use query::{PINS, companions, objects, pinned};
pub use read::{ATTEMPTS, BRIEF, located_again, snapshot, snapshot_again};
