//! The way from one snapshot to another, as an ordered list of actions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{change::Change, kind::ObjectKey};

/// What a restore may touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The tables that the backup holds.
    pub covered: BTreeSet<ObjectKey>,
    /// Objects that the run's steps added, removed or changed. Anything else that differs between the snapshots was done by
    /// others and is left alone.
    pub changed: BTreeSet<ObjectKey>,
    /// Tables of the same shape in both snapshots whose rows must be brought back, and materialized views that hold other
    /// rows than then.
    pub reload: BTreeSet<ObjectKey>,
}

/// One action of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run this statement, which makes, changes or drops the object.
    Sql {
        /// The statement, complete and quoted.
        sql: String,
        /// The object.
        object: ObjectKey,
    },
    /// Fill the table, which is empty now, from its copy.
    Load(ObjectKey),
    /// Set the sequence's position.
    Position(ObjectKey),
}

/// The way from one snapshot to another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Script {
    /// In order.
    pub actions: Vec<Action>,
    /// Objects that the script makes anew, or changes back, from recorded text: where the server respells that text, they
    /// count as equal.
    pub recreated: BTreeSet<ObjectKey>,
    /// Tables that are dropped because the run created them.
    pub dropped_tables: BTreeSet<ObjectKey>,
    /// What the script answers for: afterwards it must be as it was.
    pub in_scope: BTreeSet<ObjectKey>,
    /// Differences that others made before the script was written: they stay, and count as none.
    pub left_alone: BTreeSet<ObjectKey>,
}

/// What a comparison after a restore found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Comparison {
    /// What is not as it was: the restore must not be committed.
    pub differences: Vec<Change>,
    /// Objects whose expressions the server prints in other words than those they were made of.
    pub respelled: Vec<ObjectKey>,
}

/// Something that stands in the way of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unrestorable {
    /// The object.
    pub object: ObjectKey,
    /// Why it can't be brought back: a fragment.
    pub why: String,
}
