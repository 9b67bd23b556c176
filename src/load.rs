//! Text → plan, with spans; every problem at once.
//!
//! This room knows nothing of files or networks: the caller reads. It imports `plan`, and `checks`, which say what fields they have.
//! YAML and TOML become one tree of nodes with places; the form of a plan reads the tree; assembling makes a plan of it. Nothing
//! stops at the first mistake, and the same mistake has the same code in both formats.

mod assemble;
mod form;
mod format;
mod intake;
mod layout;
mod leaf;
mod node;
mod order;
mod problem;
mod recognize;
mod repository;
mod schema;
mod shape;
mod sink;
mod source;
mod spelling;
mod toml;
mod values;
mod yaml;

pub use assemble::{Loaded, load};
pub use format::Format;
pub use layout::{Unordered, ordered};
pub use leaf::duration;
pub use order::{External, Order, Unknown, order};
pub use problem::{Problem, Problems, Record, Report};
pub use recognize::is_plan;
pub use repository::{LoadedRepository, repository};
pub use schema::{repository_schema, schema};
pub use sink::instead;
pub use source::{Position, Source};
pub use values::values;

#[cfg(test)]
mod tests;
