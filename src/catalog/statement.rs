//! The statements that all kinds of objects share: making, dropping, owners, privileges, comments, labels. Every name in them is
//! quoted; expressions and types are the server's own text.

mod companion;
mod extension;
mod grant;
mod label;
mod object;

pub(super) use companion::{companion_owners, companions};
pub(super) use extension::extensions;
pub(super) use grant::{Slate, column_grants, constructor_grants, grants};
pub(super) use label::labels;
pub(super) use object::{ObjectPair, comment, create, drop, making, owner, remarks};
