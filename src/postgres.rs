//! The ports on PostgreSQL: connection, lock, journal, checks, capture, copy, restore.
//!
//! This room knows nothing of terminals or file formats. Statements of its own stand in `.sql` files beside the Rust that
//! uses them.

mod as_owner;
pub mod backup;
pub mod capture;
pub mod check;
pub mod connection;
pub mod coverage;
pub mod difference;
pub mod digest;
pub mod drift;
pub mod dry_run;
mod error_class;
mod event_triggers;
pub mod executor;
mod expressions;
pub mod fence;
pub mod interrupt;
mod jitter;
pub mod journal;
pub mod later_writes;
pub mod lock;
mod lock_slots;
mod made_tables;
pub mod ownership;
pub mod preflight;
mod privileged;
pub mod progress;
pub mod psql_api;
pub mod relation;
pub mod restore;
pub mod search_path;
pub mod session;
pub mod session_slots;
pub mod step;
pub mod table_lock;
mod transaction;
pub mod trial;

pub use error_class::failure;
