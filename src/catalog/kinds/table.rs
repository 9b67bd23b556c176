//! Tables and their columns: it knows nothing of indexes, constraints and triggers, which are objects of their own.

mod attach;
mod can_stay;
mod change;
mod column;
mod create;
mod describe;
mod kind;
mod model;
mod privileges;

pub(crate) use attach::{
    attach, attach_index, detach, drop_scaffold, inheritance_child, mark_from_above, of_scaffold, scaffold_for,
};
pub(super) use can_stay::is_same_column;
pub(super) use column::change_column;
pub(crate) use column::{drop_column, drop_not_null};
pub(super) use create::storage;
pub(crate) use create::{set_default, set_not_null};
pub(super) use describe::{describe_columns, describe_facts, replica_identity_word};
pub(super) use kind::{column_target, system_remarks};
pub use model::{Column, ColumnFacts, NotNull, Table, system_columns};
pub(super) use privileges::table_privileges;
