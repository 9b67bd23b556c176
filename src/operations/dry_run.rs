//! What `apply` would do now, seen in sessions in which the server refuses to write; and saved, bound to all that it was made of.

mod drift;
mod forecast;
mod run;
mod save;
mod statements;

pub use drift::DriftBaseline;
pub use run::{DryRun, DryRunOptions, dry_run, plans_to_look_at};
pub use save::save;
