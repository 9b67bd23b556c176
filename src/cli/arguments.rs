//! What the program understands on its command line. Man pages and completions are made from this.

mod backups;
mod given;
mod itself;
mod plans;
mod program;
mod runs;
mod saved;

pub use backups::{BackupCommand, BackupPrune, BackupVerify, Diff, Restore};
pub use given::{OnePlan, Place, ReportFormat, Running, Values};
pub use itself::{Completions, Demo, Man, Schema, SchemaOf};
pub use plans::{Apply, Check, Phase, Render, Resume};
pub use program::{Arguments, Colour, Command, Format};
pub use runs::{Accept, Continue, History, Pause, Settle, Show, Status};
pub use saved::{Approve, Plan};
