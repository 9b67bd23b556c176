//! The statements that make, change and drop objects. Every name in them is quoted; expressions and types are the server's
//! own text.

mod aggregate;
mod alter;
mod attach;
mod companion;
mod create;
mod database;
mod drop;
mod extension;
mod grant;
mod label;
mod materialized_view;
mod name;
mod other;
mod publication;
mod range;
mod source_form;
mod table;
mod trigger_state;
mod validate;

pub(super) use alter::{
    Moments, Pair, added_columns, after, after_columns, before, columns, drop_column, drop_not_null, dropped_marks,
    is_replica_identity, replica_identity,
};
pub(super) use attach::{attach, attach_index, detach, drop_scaffold, inheritance_child, of_scaffold, scaffold_for};
pub(super) use companion::{companion_owners, companions};
pub(super) use create::{comment, create, owner, remarks, sequence_options};
pub(super) use drop::{can_drop, drop};
pub(super) use extension::extensions;
pub(super) use grant::{Slate, column_grants, constructor_grants, default_privileges, grants};
pub(super) use label::labels;
pub(super) use materialized_view::{empty, refresh};
pub(super) use name::title;
pub(crate) use source_form::source_form;
pub(super) use table::{set_default, set_not_null};
pub(super) use trigger_state::{rule_state, trigger_as, trigger_state};
pub(super) use validate::{add_domain_check, validate, validate_domain_check};
