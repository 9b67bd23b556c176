//! Two resolved plans → what changed in meaning, and which safety got weaker.
//!
//! Comments, layout, names of files and texts for people are no change; a template, a macro or an SQL file counts by what it
//! renders to. Every field of a plan is taken apart here by name, so that a new one does not compile until somebody has decided
//! what it means. This room knows nothing of databases, files or git. It imports `plan`, `render`, `sql` and `checks`.

mod backup;
mod batch;
mod change;
mod check;
mod compare;
mod deduplicate;
mod describe;
mod exception;
mod file;
mod findings;
mod hazard;
mod order;
mod question;
mod session;
mod step;
mod target_coverage;
mod variable;
mod weakening;

#[cfg(test)]
mod tests;

pub use change::{ChangeSubject, PlanChangeKind, Review, ReviewedChange, TextForm, WeakerSafety};
pub use compare::{compare, introduced};
pub use deduplicate::{Rendition, deduplicate};
pub use file::{DiffSide, FileChange, PlanReview, Reviews, Unreadable};
pub use hazard::{Hazard, Hazards, Weight};
pub use weakening::Weakening;
