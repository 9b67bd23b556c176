//! The form of a plan → the plan: what fields mean together.

mod check;
mod document;
mod reference;
mod step;
mod variable;

pub use document::{Loaded, load};
pub(super) use document::{refuse, root};
pub(super) use variable::{undeclared, variable_name};
