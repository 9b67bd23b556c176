//! What changed between two versions of plans: two versions of plan files with all that they name, from files or from git's objects, rendered with the
//! values of each environment.
//!
//! Nothing is checked out, no secret is read, and a version that can't be read does not keep the others from being told.

mod environments;
mod files;
mod git;
mod history;
mod plan_pair;
mod plan_version;
mod repository_version;

pub use files::of_files;
pub use history::of_git;
pub(super) use history::settings_of_commit;
