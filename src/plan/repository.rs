//! What a repository of plans says once for all of them: where they lie, in which environments they run, which rules and
//! how many approvals bind them.
//!
//! Plain values, like the plan's. It knows nothing of files: paths are texts, relative to the folder of the file that holds
//! them, and a connection is a reference to where its details are.

mod approval;
mod document;
mod environment;
mod lint;

pub use approval::{ApprovalKey, ApprovalPolicy};
pub use document::RepositorySettings;
pub use environment::{ConnectionSource, EnvironmentSettings};
pub use lint::{FailOn, LintSettings, RuleLevel, RuleSetting};
