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
        /// What it is done for; failures name it.
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
    /// What was there and is not made again because it is of no use: what failed builds of indexes left (INVALID).
    #[serde(default)]
    pub left_out: BTreeSet<ObjectKey>,
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

/// What a plan's backup must hold beside its targets, so that these can all be brought back: the sentence that says it; none
/// where that would not do.
pub fn targets_to_add(problems: &[Unrestorable]) -> Option<String> {
    let all_need_copies = !problems.is_empty() && problems.iter().all(|problem| problem.needs_copy);
    let tables: BTreeSet<String> = problems.iter().map(|problem| quoted(&problem.object)).collect();
    all_need_copies.then(|| {
        let tables: Vec<String> = tables.into_iter().collect();
        format!("Add to the plan's backup what would have to be made anew: {{tables: [{}]}}.", tables.join(", "))
    })
}

/// A table as targets name it.
fn quoted(table: &ObjectKey) -> String {
    let part = |name: &str| {
        let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_plain { name.to_owned() } else { crate::sql::quote::ident(name) }
    };
    let name = format!("{}.{}", part(&table.schema), part(&table.name));
    // A value of YAML that begins with quotes, or holds a bracket or comma, stands in quotes itself.
    if name.contains('"') { format!("'{}'", name.replace('\'', "''")) } else { name }
}

/// Something that stands in the way of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unrestorable {
    /// What can't be brought back.
    pub object: ObjectKey,
    /// Why it can't be brought back: a fragment.
    pub why: String,
    /// Whether it is a table whose rows have no copy, so that it could be brought back if the backup held it.
    #[serde(default)]
    pub needs_copy: bool,
}
