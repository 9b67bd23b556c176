//! Backups in the database that they are of: copies are tables in a schema of their own, and the manifest is rows of the journal's schema,
//! from which psql's functions restore, too.
//!
//! This room knows nothing of how copies are proven or used.

mod complete;
mod make;
mod manifest;
mod remove;
mod statements;
mod storage;
mod store;
mod way;

pub use make::copied;
pub use manifest::SCHEMA;
pub use statements::{Keeper, record_statements};
pub use storage::{copy_failure, ensure_schema, not_prepared};
pub use store::InDatabase;
pub use way::way;
