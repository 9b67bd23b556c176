//! The ports on PostgreSQL: connection, lock, journal, checks, capture, copy, restore.
//!
//! This room knows nothing of terminals or file formats. Statements of its own stand in `.sql` files beside the Rust that
//! uses them.

pub mod capture;
pub mod check;
pub mod connection;
pub mod coverage;
mod fault;
pub mod interrupt;
pub mod journal;
pub mod lock;
pub mod preflight;
pub mod progress;
pub mod relation;
pub mod session;
pub mod step;

pub use fault::failure;
