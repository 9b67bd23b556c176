//! Statements: quoting, splitting, kinds, tables.
//!
//! This room knows nothing of plans or databases. It imports nothing.

pub mod quote;
