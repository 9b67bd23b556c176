//! The reconciliation as an ordered list of actions.

mod alter;
mod composer;
mod create;
mod evaluation_order;
mod hierarchies;
mod persistence;
mod refresh;
mod remove;
mod step;

#[cfg(test)]
mod tests;

pub use composer::{obstacles, script, worst_case};
