//! The structure of a database as values: a [`Snapshot`], the difference between two, and the script that leads from one to
//! the other.
//!
//! This room is pure: it knows nothing of how a catalog is read or how a script is run. It holds no OIDs, so that snapshots
//! taken at different times, or of different databases, can be compared. It imports only the quoting and the names of `sql`.

mod authority;
mod body_references;
mod change;
mod companion;
mod compare;
mod compose;
mod database;
mod describe;
mod detached;
mod diff;
mod domain;
#[cfg(test)]
mod example;
mod feasibility;
mod foreign_key;
mod hierarchy;
mod in_place;
mod kind;
mod label;
mod lineage;
mod materialized_view;
mod nearest;
mod object;
mod order;
mod published;
mod range;
mod reconciliation;
mod referenced_objects;
mod scope;
mod script;
mod sequence;
mod snapshot;
mod statement;
mod subset;
mod table;

pub use authority::{Authority, authority, hand_over, roles};
pub use change::{Change, ChangeKind};
pub use companion::Companion;
pub use compare::compare;
pub use compose::{obstacles, script, worst_case};
pub use database::{Database, RoleSettings};
pub use diff::{diff, fingerprint};
pub use kind::{Kind, ObjectKey};
pub use label::SecurityLabel;
pub use lineage::{Descent, Lineage, PartitionOf};
pub use materialized_view::MaterializedView;
pub use nearest::{Nearest, gives_rights, may_remain, nearest, table_of};
pub use object::*;
pub use published::{shown_to_subscribers, unseen_by_subscribers};
pub use range::{Constructor, Range};
pub use referenced_objects::{objects_named, referenced_objects};
pub use scope::materialized_over;
pub use script::{Action, Comparison, Scope, Script, Unrestorable, targets_to_add};
pub use sequence::{Position, Sequence};
pub use snapshot::{EDITION, Snapshot};
pub(crate) use statement::source_form;
pub use subset::{Subset, closure, subset};
pub use table::{Column, ColumnFacts, NotNull, Table, system_columns};
