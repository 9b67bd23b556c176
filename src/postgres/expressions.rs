//! Expressions that hang on tables and run functions: in checks, domains, generated columns, indexes, statistics, partition keys,
//! materialized views. Under which `search_path` they can be evaluated, and whether the rows keep to them today.
//!
//! A function may name things without their schema, and then works only where a path leads to them. Everything here asks the
//! server; nothing is guessed from text.

mod along;
mod evaluate;
mod find;
mod look;
mod materialized;
mod partitions;
mod path;
mod recorded;
mod refusal;

pub use along::{along, digest_along};
pub use look::{Looked, Wanted, look};
pub use path::set_path;
pub use recorded::{SAFE_PATH, still_safe};
