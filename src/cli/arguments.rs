//! What the program understands on its command line. Man pages and completions are made from this.

#![allow(missing_docs, reason = "what is flattened or nested has its help from its own type")]

mod backups;
mod chosen;
mod differences;
mod format;
mod given;
mod itself;
mod plans;
mod program;
mod reported;
mod repositories;
mod runs;
mod saved;

pub use backups::{BackupCommand, BackupList, BackupPrune, BackupVerify, Restore};
pub use differences::Diff;
pub use format::Format;
pub use given::OnePlan;
pub use itself::{Completions, Demo, Man, Schema, SchemaOf};
pub use plans::{Apply, Check, Lint, Phase, Render, Resume};
pub use program::{Arguments, Colour, Command};
pub use reported::{ChecksForm, FindingsForm, ReviewForm};
pub use repositories::{Fmt, Init, New};
pub use runs::{Accept, Continue, History, Pause, Settle, Show, Status};
pub use saved::{Approve, Plan};
