//! Text → plan, with spans; every problem at once.
//!
//! This room knows nothing of files or networks: the caller reads. It imports `plan`, and `checks`, which say what fields they have.
//! YAML and TOML become one tree of nodes with places; the form of a plan reads the tree; assembling makes a plan of it. Nothing
//! stops at the first mistake, and the same mistake has the same code in both formats.

mod assemble;
mod decode;
mod diagnostics;
mod form;
mod format;
mod layout;
mod node;
mod order;
mod problem;
mod recognize;
mod repository;
mod scalar;
mod schema;
mod shape;
mod source;
mod source_offsets;
mod toml;
mod values;
mod yaml;

pub use assemble::{Loaded, load};
pub use diagnostics::instead;
pub use format::PlanFormat;
pub use layout::{Unordered, ordered};
pub use order::{External, PlanOrder, Unknown, order};
pub use problem::{LoadProblem, Problems, Record, Report};
pub use recognize::is_plan;
pub use repository::{LoadedRepository, repository};
pub use scalar::duration;
pub use schema::{repository_schema, schema};
pub use source::{LineColumn, PlanSource};
pub use values::values;

#[cfg(test)]
mod tests;
