//! Resolved plan → findings.
//!
//! Every hazard is one constant record in a file of its own under `rules/`: what is found, what it leads to, what to do instead, a
//! bad and a good example, and what it claims of locks, rewrites and scans, which the tests observe on a real server. This room
//! knows no database and no file: where a finding stands in a file its caller finds out.

mod example;
mod exceptions;
mod finding;
mod levels;
mod location;
mod manual;
mod names;
mod operation_context;
mod page;
mod rule;
mod rules;
mod run;
mod step;
mod subject;

pub use example::{Example, ExampleStep};
pub use exceptions::{UnknownRule, nearest};
pub use finding::Finding;
pub use location::{At, StepPart};
pub use manual::{explanation, manual, word};
pub use page::page;
pub use rule::{Group, Rule, TableClaim};
pub use rules::{RULES, rule_called};
pub use run::lint;
