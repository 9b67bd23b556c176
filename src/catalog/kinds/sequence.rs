//! Sequences: their definitions; it knows nothing of the columns that take numbers from them.

mod kind;
mod model;

pub use model::{Sequence, SequencePosition};
