//! The structure of a database as values: a [`Snapshot`], the difference between two, and the script that leads from one to
//! the other.
//!
//! This room is pure: it knows nothing of how a catalog is read or how a script is run. It holds no OIDs, so that snapshots
//! taken at different times, or of different databases, can be compared. It imports only the quoting and the names of `sql`.

#![deny(clippy::wildcard_enum_match_arm)]

mod authority;
mod body_references;
mod change;
mod companion;
mod compare;
mod compose;
mod describe;
mod detached;
mod diff;
mod domain_values;
#[cfg(test)]
mod example;
mod feasibility;
mod foreign_key;
mod hierarchy;
mod in_use;
mod json;
mod kept_changes;
mod kept_facts;
mod kind;
mod kinds;
mod label;
mod lineage;
mod nearest;
mod object;
mod order;
mod others;
mod privilege;
mod published;
mod reconciliation;
mod referenced_objects;
mod scope;
mod script;
mod set_aside;
mod snapshot;
#[expect(clippy::wildcard_enum_match_arm, reason = "it reads a few tokens of SQL, and no kinds of objects")]
mod source_form;
mod statement;
mod structure;
mod subject;
mod subset;
mod taken_back;
mod widened;
mod with_others;

pub use authority::{Authority, authority, hand_over, roles};
pub use change::{Change, ChangeKind};
pub use companion::Companion;
pub use compare::compare;
pub use compose::{obstacles, script, script_remaking, worst_case};
pub use diff::{diff, fingerprint};
pub use in_use::InUse;
pub use kind::{ObjectKey, ObjectKind};
pub use kinds::{
    Aggregate, Cast, Column, ColumnFacts, CompositeAttribute, CompositeType, Constraint, ConstraintIndex, Constructor,
    Database, DefaultPrivileges, Definition, Domain, DomainCheck, EnumType, EventTrigger, ExtendedStatistics, Fingerprinted,
    Function, Index, MaterializedView, Nearest, NotNull, Operator, Policy, Publication, PublishedTable, Range, RewriteRule,
    RoleSettings, RoutineKeyword, Sequence, SequencePosition, Table, Trigger, View, system_columns,
};
pub use label::SecurityLabel;
pub use lineage::{Descent, Lineage, PartitionOf};
pub use nearest::{gives_rights, may_remain, nearest, table_of};
pub use object::Object;
pub use others::with_others;
pub use privilege::Grant;
pub use published::{shown_to_subscribers, unseen_by_subscribers};
pub use referenced_objects::{objects_named, referenced_objects};
pub use scope::materialized_over;
pub use script::{Action, Comparison, Scope, Script, Unrestorable, targets_to_add};
pub use snapshot::{EDITION, Snapshot};
pub(crate) use source_form::source_form;
pub(crate) use subject::without_columns;
pub use subset::{Subset, closure, subset};
pub use widened::keep_widened;
pub use with_others::{OthersPlace, OthersWork, SetAside, WithOthers};
