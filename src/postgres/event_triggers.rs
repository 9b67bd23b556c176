//! Event triggers of the database: kept from acting on what is ours, where the role may, and found out where they would hinder.
//!
//! What a restore, a backup or the journal makes and drops is theirs: an event trigger of the application that refuses it, or changes
//! it while it is made, would stand in the way of the way back. Those of a provider that do neither are left as they are.

mod probe;
mod suppress;

pub use probe::{blamed, failures};
pub use suppress::{disable, enable, execute_without, resume, suspend, without_any};
