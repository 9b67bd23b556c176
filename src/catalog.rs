//! The structure of a database as values: a [`Snapshot`], the difference between two, and the script that leads from one to
//! the other.
//!
//! This room is pure: it knows nothing of how a catalog is read or how a script is run. It holds no OIDs, so that snapshots
//! taken at different times, or of different databases, can be compared. It imports only the quoting and the names of `sql`.

mod authority;
mod change;
mod companion;
mod compare;
mod compose;
mod database;
mod diff;
mod domain;
#[cfg(test)]
mod example;
mod excerpt;
mod family;
mod foreign_key;
mod in_place;
mod kind;
mod label;
mod lineage;
mod loose;
mod materialized_view;
mod named;
mod nearest;
mod object;
mod order;
mod published;
mod range;
mod route;
mod scope;
mod script;
mod snapshot;
mod statement;
mod surroundings;
mod words;

pub use authority::{Authority, authority, hand_over, roles};
pub use change::{Change, ChangeKind};
pub use companion::Companion;
pub use compare::compare;
pub use compose::{rehearsal, rehearse, script};
pub use database::{Database, RoleSettings};
pub use diff::{diff, fingerprint};
pub use excerpt::{Excerpt, excerpt, reach};
pub use kind::{Kind, ObjectKey};
pub use label::SecurityLabel;
pub use lineage::{Descent, Lineage, PartitionOf};
pub use materialized_view::MaterializedView;
pub use nearest::{Nearest, gives_rights, may_remain, nearest, table_of};
pub use object::*;
pub use published::{shown_to_subscribers, unseen_by_subscribers};
pub use range::{Constructor, Range};
pub use scope::materialized_over;
pub use script::{Action, Comparison, Scope, Script, Unrestorable, targets_to_add};
pub use snapshot::{EDITION, Snapshot};
pub(crate) use statement::source_form;
pub use surroundings::{named, surroundings};
