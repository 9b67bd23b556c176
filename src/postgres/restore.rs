//! The way back: one transaction that proves itself before it is committed.
//!
//! What a restore may touch is decided by `catalog`; here the script is run, rows are loaded from the copies, and structure
//! and content are compared with what the backup recorded. This room knows nothing of runs, but for the fence that it takes
//! down.

mod attempts;
mod compare;
mod consumers;
mod content;
mod failures;
mod fit;
mod kept_rows;
mod late_names;
mod locks;
mod meanwhile;
mod nearest;
mod others;
mod position;
mod preview;
mod proof;
mod repair;
mod replay;
mod request;
mod roles;
mod run;
mod runs_work;
mod savepoint;
mod scope;
mod script_runner;
mod statistics;
mod unproven_domains;
mod view;

pub use compare::compare_with_backup;
pub(super) use failures::{copy_gone, statement_failed};
pub use fit::Misfit;
pub(super) use position::{SequenceTargets, keep_numbers, setval};
pub use preview::{Preview, PreviewStatement, preview};
pub(super) use proof::in_words;
pub use request::{RestoreRequest, RestoreScope};
pub(super) use run::SETTINGS;
pub use run::{restore, restore_in};
pub use runs_work::{RunsWork, changed};
pub(super) use script_runner::copy_of;
pub(super) use unproven_domains::{UNPROVEN_DOMAINS, around_load};
pub(super) use view::differing_views;
