//! The reconciliation as an ordered list of actions.

mod alter;
mod composer;
mod create;
mod evaluation_order;
mod hierarchies;
mod persistence;
mod refresh;
mod remove;
mod script;
mod step;
mod trees;

#[cfg(test)]
mod tests;

pub use script::{obstacles, script, script_remaking, worst_case};
