//! What `apply` would do now → text, and Markdown for a comment on a pull request or the summary of a job.

mod document;
mod markdown;
mod model;
mod text;

pub use document::{document, schema};
pub use markdown::{MARKDOWN_CHARS_MAX, markdown};
pub use model::{
    AppliedState, BackupForecast, DriftAuthors, DriftForecast, DryRunVerdict, Forecast, LockHeld, PlanForecast, Saved,
    StatementForecast, TargetForecast, Uncovered, UnfinishedForecast,
};
pub use text::text;
