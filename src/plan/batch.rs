//! One step as many short transactions over ranges of a key.

use std::time::Duration;

use super::{place::Place, stage::Stage};

/// How a step is cut into batches: each covers the rows whose key lies between two bounds, both inclusive, and commits together
/// with its own checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<S: Stage> {
    /// Where it stands.
    pub at: Place,
    /// The table whose rows are gone through.
    pub table: S::Text,
    /// Its column that orders them: without NULL, at the head of an index.
    pub key: S::Text,
    /// How many rows the first batch has; what follows is fitted to `target`.
    pub size: S::Number,
    /// How long a batch is to take.
    pub target: Duration,
    /// How far the slowest replica may be behind before the next batch waits.
    pub max_lag: Option<Duration>,
}

impl<S: Stage> Batch<S> {
    /// Rows of the first batch, where a plan says nothing.
    pub const SIZE: u64 = 1_000;
    /// How long a batch is to take, where a plan says nothing: short enough that nobody waits long for its locks.
    pub const TARGET: Duration = Duration::from_secs(1);
}

/// A bound of a batch, as a step's SQL names it until the batch is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchBound {
    /// The key of the first row.
    First,
    /// The key of the last row.
    Last,
}

impl BatchBound {
    /// Both.
    pub const ALL: [BatchBound; 2] = [BatchBound::First, BatchBound::Last];

    /// What stands in the rendered SQL: one token, an identifier that no table has for a column.
    pub fn placeholder(self) -> &'static str {
        match self {
            BatchBound::First => "\"{{ batch.first }}\"",
            BatchBound::Last => "\"{{ batch.last }}\"",
        }
    }

    /// How templates name it.
    pub fn name(self) -> &'static str {
        match self {
            BatchBound::First => "batch.first",
            BatchBound::Last => "batch.last",
        }
    }
}
