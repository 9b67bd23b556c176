//! The route as an ordered list of actions.

mod composer;
mod drops;
mod making;
mod persistence;
mod refreshing;
mod returning;
mod trees;

#[cfg(test)]
mod tests;

pub use composer::{rehearsal, rehearse, script};
