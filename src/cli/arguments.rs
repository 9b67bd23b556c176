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

pub use backups::{BackupCommand, BackupListArgs, BackupPruneArgs, BackupVerifyArgs, RestoreArgs};
pub use commands::{Arguments, Colour, CommandArgs};
pub use diff::DiffArgs;
pub use format::OutputFormat;
pub use plan_files::{FmtArgs, InitArgs, NewArgs};
pub use plans::{ApplyArgs, CheckArgs, LintArgs, PhaseArg, RenderArgs, ResumeArgs};
pub use report_form::{ChecksForm, FindingsForm, ReviewForm};
pub use runs::{AcceptArgs, ContinueArgs, HistoryArgs, PauseArgs, SettleArgs, ShowArgs, StatusArgs};
pub use saved::{ApproveArgs, PlanArgs};
pub use shared::OnePlanArgs;
pub use tooling::{CompletionsArgs, DemoArgs, ManArgs, SchemaArgs, SchemaOf};
