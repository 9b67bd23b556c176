//! Findings of `lint` → JSON, SARIF, JUnit, Markdown, annotations: pure functions to strings.

mod github;
mod junit;
mod markdown;
mod record;
mod sarif;

pub use github::github;
pub use junit::junit;
pub use markdown::markdown;
pub use record::{Counts, FindingRecord, LintReport, PlanRecord, schema};
pub use sarif::sarif;
