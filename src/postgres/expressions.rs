//! Expressions that hang on tables and run functions: in checks, domains, generated columns, indexes, statistics, partition keys,
//! materialized views. Under which `search_path` they can be evaluated, and whether the rows keep to them today.
//!
//! A function may name things without their schema, and then works only where a path leads to them. Everything here asks the
//! server; nothing is guessed from text.

mod evaluate;
mod examine;
mod find;
mod materialized;
mod partitions;
mod path;
mod read_under_path;
mod recorded_paths;
mod refusal;
mod settings;

pub use examine::{Examination, ExamineRequest, look};
pub use path::set_path;
pub use read_under_path::{along, digest_along};
pub use recorded_paths::{SAFE_PATH, safe_paths};
pub use settings::{around_texts, evaluate_under, evaluation_settings, pin_formats, reading_texts};
