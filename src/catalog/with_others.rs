//! A structure with the work of others in it.

use std::collections::BTreeSet;

use super::{
    change::Change,
    hierarchy::{differ_in_shape, table},
    in_use::InUse,
    kind::{ObjectKey, ObjectKeys},
    object::Object,
    scope::holder,
    snapshot::Snapshot,
};

/// What is kept of the work of others.
#[derive(Debug, Clone, Copy)]
pub enum OthersWork<'a> {
    /// Their tables, whose rows nobody could bring back: what else hangs on the targets is as it was.
    Tables,
    /// All that is none of these changes, which are everything that the run did.
    AllBut(&'a [Change]),
}

/// Where what others made stands while rows come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OthersPlace {
    /// Where they put it.
    Kept,
    /// Out of the way of rows: their partitions stand alone, and what they hung on tables is made again when the rows are there, as far as
    /// these keep to it.
    Apart,
}

/// A structure with the work of others in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WithOthers {
    /// The structure that a restore leads to.
    pub then: Snapshot,
    /// What others made, and what must be made anew, because columns go that it may use.
    pub remade: BTreeSet<ObjectKey>,
    /// What others made, but for tables, and is kept.
    pub(super) made: ObjectKeys,
    /// What others made and nobody could make again: it may have to go.
    pub unmade: BTreeSet<ObjectKey>,
    /// Tables that can't stay where others put them, in words.
    pub moved: Vec<String>,
    /// What others changed and a restore must change, too: domains that ask less of rows for now.
    pub loosened: BTreeSet<ObjectKey>,
    /// Rules of others that don't hold afterwards, or not for all rows.
    pub set_aside: Vec<SetAside>,
    /// What the run made and others use by now: it stays.
    pub in_use: Vec<InUse>,
    /// What others changed of what is led back, and that is taken back, in words.
    pub taken_back: Vec<String>,
}

/// A rule that does not hold, or not for all rows, when a restore is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What has the rule, or is one.
    pub object: ObjectKey,
    /// What is different: a fragment.
    pub difference: String,
    /// What makes it hold, once the rows keep to it.
    pub statements: Vec<String>,
}

impl WithOthers {
    /// Has an object as others made it, or changed it: anew, where a table that it hangs on gets other columns.
    pub(super) fn insert(&mut self, key: &ObjectKey, object: &Object, then: &Snapshot, now: &Snapshot) {
        let hangs_on = object.depends_on.iter().cloned().chain(holder(key, object, now));
        let is_reshaped = |of: &ObjectKey| {
            let both = (then.objects.get(of).and_then(table), now.objects.get(of).and_then(table));
            matches!(both, (Some(then), Some(now)) if differ_in_shape(then, now))
        };
        if hangs_on.into_iter().any(|of| is_reshaped(&of)) {
            self.remade.insert(key.clone());
        }
        self.then.objects.insert(key.clone(), object.clone());
    }
}
