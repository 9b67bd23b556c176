//! What a sequence is.

use serde::{Deserialize, Serialize};

use crate::catalog::kind::ObjectKey;

/// A sequence's definition; its position is data, not structure, and stands in [`SequencePosition`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// smallint, integer or bigint.
    pub data_type: String,
    /// START
    pub start: i64,
    /// INCREMENT
    pub increment: i64,
    /// MINVALUE
    pub min: i64,
    /// MAXVALUE
    pub max: i64,
    /// CACHE
    pub cache: i64,
    /// CYCLE
    pub cycle: bool,
    /// UNLOGGED
    pub unlogged: bool,
    /// The table and column that own it.
    pub owned_by: Option<(ObjectKey, String)>,
    /// Whether it is an identity column's, made and dropped with it.
    pub identity: bool,
}

/// Where a sequence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequencePosition {
    /// `last_value`
    pub last_value: i64,
    /// `is_called`
    pub is_called: bool,
}
