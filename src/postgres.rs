//! The ports on PostgreSQL: connection, lock, journal, checks, capture, copy, restore.
//!
//! This room knows nothing of terminals or file formats. Statements of its own stand in `.sql` files beside the Rust that
//! uses them.

pub mod capture;
mod fault;

pub use fault::failure;
