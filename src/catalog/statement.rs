//! The statements that make, change and drop objects. Every name in them is quoted; expressions and types are the server's
//! own text.

mod alter;
mod create;
mod drop;
mod grant;
mod name;
mod table;
mod tree;

pub(super) use alter::{Moments, Pair, after, after_columns, before, columns, replica_identity};
pub(super) use create::{comment, create, owner, remarks, trigger_state};
pub(super) use drop::{can_drop, drop};
pub(super) use grant::{Slate, column_grants, default_privileges, grants};
pub(super) use name::title;
pub(super) use table::{set_default, set_not_null};
pub(super) use tree::{attach_index, heir, hold, let_go, of_scaffold, tie, untie};
