//! What a restore did, for people and for the journal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::ObjectKey;

/// How exactly a restore brings everything back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fidelity {
    /// Everything is as it was, or nothing is brought back.
    #[default]
    Exact,
    /// All rows, columns and positions are as they were; a single object that can't be is left in the nearest state, and named.
    Nearest,
}

impl Fidelity {
    /// Whether it is that of a first attempt.
    pub fn is_exact(&self) -> bool {
        *self == Fidelity::Exact
    }
}

/// An object that a restore could not make as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemainingDifference {
    /// What is not as the backup has it.
    pub object: ObjectKey,
    /// What is different from what the backup recorded: a fragment.
    pub difference: String,
    /// Why it could not be made as it was: what the server said; none where no statement failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The server's SQLSTATE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<String>,
    /// The statements that make it as it was, in order, once what is in the way is gone; empty where none is known.
    pub statements: Vec<String>,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Restoration {
    /// Tables whose rows were brought back.
    pub reloaded: Vec<String>,
    /// Tables that were found as they had been.
    pub untouched: Vec<String>,
    /// Tables that the run had created and that were dropped, with their rows.
    pub dropped: Vec<(String, u64)>,
    /// Objects created again.
    pub recreated: usize,
    /// Objects whose text the server respelled when it read the recorded text.
    pub respelled: Vec<String>,
    /// Materialized views that hold other rows than at the backup: they were stale then, and were filled again.
    #[serde(default)]
    pub refreshed: Vec<String>,
    /// Tables and materialized views whose planner statistics could not be counted again, each with the reason: `schema.table: why`.
    #[serde(default)]
    pub unanalyzed: Vec<String>,
    /// Tables whose digests were compared and found equal.
    pub proven: usize,
    /// Changes of other sessions that were captured while the run went on, and made again after the restore.
    #[serde(default)]
    pub carried_over: u64,
    /// Captured changes that could not be made again: they stand in `backstop.quarantine`, each with its reason.
    #[serde(default)]
    pub quarantined: u64,
    /// Rows that had to be taken out of their tables because they point to nothing, while captured changes were made again: they stand
    /// in `backstop.quarantine`.
    #[serde(default)]
    pub set_aside: u64,
    /// Captured changes that were made again but for the values of columns that the table had not: those stand in
    /// `backstop.quarantine`.
    #[serde(default)]
    pub curtailed: u64,
    /// Tables whose later writes the restore was told to overwrite: `schema.table`, with how many transactions had written.
    #[serde(default)]
    pub overwritten: Vec<(String, u64)>,
    /// Objects that could not be made as they were, and stand in the nearest state; all the rest was proven equal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining: Vec<RemainingDifference>,
    /// Tables that steps wrote to though no backup holds them, as the plan's `allow_uncovered` allows: what was written there stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
    /// Tables in publications whose subscribers did not see what came back: they must be synchronised again.
    #[serde(default)]
    pub unpublished: Vec<String>,
    /// Logical replication slots whose readers may have seen only a part of what came back.
    #[serde(default)]
    pub slots: Vec<String>,
    /// What became of what others hung on the targets, where it could not stay: a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}
