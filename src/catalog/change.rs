//! How two snapshots differ.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::ObjectKey;

/// How an object changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is different.
    Changed,
}

/// One object that differs between two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Seen from the earlier snapshot.
    pub how: ChangeKind,
    /// By what both snapshots know it.
    pub object: ObjectKey,
    /// What is different, in words: "column org_id type text -> uuid".
    pub what: Vec<String>,
}
