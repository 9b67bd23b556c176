//! The structure that a plan was saved against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::{Change, Snapshot, diff, fingerprint};

/// The structure of what the plans name. Bodies of functions are in it as digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedStructure {
    /// Its fingerprint, hex.
    pub fingerprint: String,
    /// The objects, for saying in words what is different. A program of another version may not understand them; then only the
    /// fingerprint counts.
    pub objects: Value,
}

impl SavedStructure {
    /// Keeps this structure.
    pub fn of(snapshot: &Snapshot) -> Self {
        SavedStructure { fingerprint: fingerprint(snapshot), objects: serde_json::to_value(snapshot).unwrap_or_default() }
    }

    /// What changed since; where it can't be told, that something did.
    pub fn changes(&self, now: &Snapshot) -> Changes {
        if self.fingerprint == fingerprint(now) {
            return Changes::None;
        }
        match serde_json::from_value::<Snapshot>(self.objects.clone()) {
            Ok(then) => match diff(&then, now) {
                changes if changes.is_empty() => Changes::Untold,
                changes => Changes::Told(changes),
            },
            Err(_) => Changes::Untold,
        }
    }
}

/// What changed of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// The structures are equal.
    None,
    /// These objects.
    Told(Vec<Change>),
    /// Something, but nobody can say what.
    Untold,
}
