//! The structure of a database as values: a [`Snapshot`], the difference between two, and the script that leads from one to
//! the other.
//!
//! This room is pure: it knows nothing of how a catalog is read or how a script is run. It holds no OIDs, so that snapshots
//! taken at different times, or of different databases, can be compared. It imports only the quoting of `sql`.

mod change;
mod compare;
mod compose;
mod diff;
#[cfg(test)]
mod example;
mod family;
mod in_place;
mod kind;
mod lineage;
mod loose;
mod object;
mod order;
mod route;
mod scope;
mod script;
mod snapshot;
mod statement;
mod words;

pub use change::{Change, ChangeKind};
pub use compare::compare;
pub use compose::{rehearse, script};
pub use diff::{diff, fingerprint};
pub use kind::{Kind, ObjectKey};
pub use lineage::{Descent, Lineage, PartitionOf};
pub use object::*;
pub use script::{Action, Comparison, Scope, Script, Unrestorable};
pub use snapshot::Snapshot;
