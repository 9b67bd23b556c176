//! The form of a plan file: every field, once. Doc comments become the descriptions in the schema.
//!
//! Shapes say which fields there are and what kind of value each takes; what fields mean together is said twice, as `rules`
//! for the schema and in [`super::assemble`] for the loader, and a test over many plans holds the two equal.

mod check;
mod document;
mod expect;
mod kind;
mod rule;
mod step;
mod variable;

pub(super) use check::*;
pub(super) use document::*;
pub(super) use expect::*;
pub(super) use kind::*;
pub(super) use step::*;
pub(super) use variable::*;
