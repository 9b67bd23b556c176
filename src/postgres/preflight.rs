//! Whether a run can be made at all: everything that stands in the way, all at once, each with what helps.
//!
//! Nothing is changed here. What can only be known by trying, free disk space above all, is at most a warning.

mod authority;
mod batches;
mod called_functions;
mod encoding;
mod examine;
mod findings;
mod foreign_keys;
mod internal_triggers;
mod lasting;
mod locks;
mod open_path;
pub mod pooler;
mod privileges;
mod procedures;
mod publications;
mod replication;
mod requires;
mod resources;
mod server;
mod statements;
mod targets;
mod writers;

pub use authority::{failures as lacking_authority, what_helps};
pub use encoding::refuse_unmappable;
pub use examine::{Examined, Looker, examine, preflight};
pub use findings::PreflightFindings;
pub use pooler::refuse_pooler;
pub use server::{Server, server};
pub use targets::{relations, targets};
