//! The kinds of objects, a file each: what one is made of, how it is made, changed and dropped, and what is said of a difference.
//!
//! A kind knows its own object and what names it, and nothing of other objects or of a script's order. [`Definition`] holds all of
//! them, and is the only place that tells them apart one by one.

mod aggregate;
mod cast;
mod catalog_kind;
mod clauses;
mod composite;
mod constraint;
mod database;
mod default_privileges;
mod definition;
mod domain;
mod enum_type;
mod event_trigger;
mod extended_statistics;
mod fingerprinted;
mod firing;
mod function;
mod index;
mod materialized_view;
mod operator;
mod policy;
mod publication;
mod range;
mod rewrite_rule;
mod same_methods;
mod schema;
mod sequence;
mod table;
mod trigger;
mod view;
pub(crate) mod wording;

pub use aggregate::Aggregate;
pub use cast::Cast;
pub use catalog_kind::Nearest;
pub use composite::{CompositeAttribute, CompositeType};
pub use constraint::{Constraint, ConstraintIndex};
pub use database::{Database, RoleSettings};
pub use default_privileges::DefaultPrivileges;
pub use definition::Definition;
pub use domain::{Domain, DomainCheck};
pub use enum_type::EnumType;
pub use event_trigger::EventTrigger;
pub use extended_statistics::ExtendedStatistics;
pub use fingerprinted::Fingerprinted;
pub use function::{Function, RoutineKeyword};
pub use index::Index;
pub use materialized_view::MaterializedView;
pub use operator::Operator;
pub use policy::Policy;
pub use publication::{Publication, PublishedTable};
pub use range::{Constructor, Range};
pub use rewrite_rule::RewriteRule;
pub use sequence::{Sequence, SequencePosition};
pub use table::{Column, ColumnFacts, NotNull, Table, system_columns};
pub use trigger::Trigger;
pub use view::View;

pub(super) use catalog_kind::{AlterTerms, Changing, CreateOrder, DropOrder, Making, RowBackup, StructureLookup};
pub(super) use firing::{rule_state, trigger_state};
pub(super) use table::{
    attach, attach_index, detach, drop_column, drop_not_null, drop_scaffold, inheritance_child, mark_from_above,
    of_scaffold, scaffold_for, set_default, set_not_null,
};
