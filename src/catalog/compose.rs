//! The route as an ordered list of actions.

mod clearing;
mod composer;
mod making;
mod persistence;
mod reading;
mod refreshing;
mod returning;
mod step;
mod trees;

#[cfg(test)]
mod tests;

pub use composer::{rehearsal, rehearse, script};
