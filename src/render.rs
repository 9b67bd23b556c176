//! Plan and variables → [`ResolvedPlan`] and its fingerprint.
//!
//! A pure function of the plan, its variables and its files: no clock, no environment, no randomness. This room knows
//! nothing of databases. It imports `plan`, `sql` and `limits`.

mod batch;
mod bounded;
mod canonical;
mod diagnosis;
mod engine;
mod expressions;
mod files;
mod filters;
mod inputs;
mod interpolations;
mod join;
mod language;
mod literals;
mod names;
mod near_miss;
mod plan_yaml;
mod problem;
mod reading;
mod resolved;
mod scalar;
mod source_map;
mod texts;
mod typed;

#[cfg(test)]
mod tests;

pub use expressions::{expressions, is_inside};
pub use files::files_wanted;
pub use inputs::{InputProblem, Inputs, InputsBuilder, StandIn};
pub use literals::in_literals;
pub use names::{RelationNames, names};
pub use plan_yaml::{check_yaml, normal, step_yaml};
pub use problem::RenderProblem;
pub use resolved::ResolvedPlan;
pub use source_map::SourceMap;
pub use texts::{as_written, render};
