//! What the program understands on its command line. Man pages and completions are made from this.

#![allow(missing_docs, reason = "what is flattened or nested has its help from its own type")]

mod backups;
mod commands;
mod diff;
mod format;
mod plan_files;
mod plans;
mod report_form;
mod repository;
mod runs;
mod saved;
mod shared;
mod tooling;

pub use backups::{BackupCommand, BackupList, BackupPrune, BackupVerify, Restore};
pub use commands::{Arguments, Colour, Command};
pub use diff::Diff;
pub use format::Format;
pub use plan_files::{Fmt, Init, New};
pub use plans::{Apply, Check, Lint, Phase, Render, Resume};
pub use report_form::{ChecksForm, FindingsForm, ReviewForm};
pub use runs::{Accept, Continue, History, Pause, Settle, Show, Status};
pub use saved::{Approve, Plan};
pub use shared::OnePlan;
pub use tooling::{Completions, Demo, Man, Schema, SchemaOf};
