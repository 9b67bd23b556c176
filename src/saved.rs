//! Saved plans: what was reviewed, bound to everything that it was reviewed against, and who approved it.
//!
//! A saved plan is one JSON file. This room makes its text, reads it back, says how what is there now differs from it, and signs
//! and counts approvals. It is pure: it reads no file and no clock, and knows nothing of connections. Secrets never come here:
//! of a variable that is one the reference is kept, of all others a digest.

mod approval;
mod difference;
mod document;
mod key;
mod policy;
mod problem;
mod schema;
mod structure;
mod text;

pub use approval::sign;
pub use difference::{CurrentSources, of_database, of_nothing_pending, of_sources};
pub use document::{
    AppliedPlan, Approval, DatabaseIdentity, FORMAT, NothingPending, PlannedPlan, SavedPlan, SavedPlanContent, SourceDigest,
    ValueDigest,
};
pub use key::{KeyProblem, PrivateKey, public_key};
pub use policy::{Approved, approved};
pub use problem::SavedProblem;
pub use schema::schema;
pub use structure::{Changes, SavedStructure};
pub use text::{SAVED_BYTES_MAX, looks_saved, read, write};
