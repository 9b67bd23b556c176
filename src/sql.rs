//! Statements: quoting, splitting, kinds, tables.
//!
//! This room knows nothing of plans or databases. It imports nothing.

mod name;
mod pattern;
pub mod quote;

pub use name::{IDENT_BYTES_MAX, NameError, QualifiedName};
pub use pattern::TablePattern;
