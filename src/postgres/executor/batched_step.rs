//! A step in batches, as one runner knows it.

use crate::postgres::{
    coverage::Permission,
    step::{Key, Lag, Meter, Pace},
};

/// What one runner knows of a step that it goes through in batches.
pub(super) struct BatchedStep {
    pub(super) index: usize,
    /// The process behind the session that it was looked up in.
    pub(super) pid: i32,
    pub(super) key: Key,
    pub(super) permission: Permission,
    pub(super) pace: Pace,
    pub(super) meter: Meter,
    pub(super) lag: Lag,
}
