//! The difference between two snapshots, and the fingerprint of one.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    change::{Change, ChangeKind},
    kind::ObjectKey,
    object::{Definition, Grant, Object},
    snapshot::Snapshot,
    words,
};

/// What differs between two moments, in the order of keys. It is empty exactly where the fingerprints are equal: what an
/// object depends on counts no further than it shows in definitions.
pub fn diff(then: &Snapshot, now: &Snapshot) -> Vec<Change> {
    let keys: BTreeSet<&ObjectKey> = then.objects.keys().chain(now.objects.keys()).collect();
    keys.into_iter().filter_map(|key| change(key, then.objects.get(key), now.objects.get(key))).collect()
}

/// How one object changed, if it did.
pub(super) fn change(key: &ObjectKey, then: Option<&Object>, now: Option<&Object>) -> Option<Change> {
    let (how, what) = match (then, now) {
        (None, None) => return None,
        (None, Some(_)) => (ChangeKind::Added, Vec::new()),
        (Some(_), None) => (ChangeKind::Removed, Vec::new()),
        (Some(then), Some(now)) if facts(then) == facts(now) => return None,
        (Some(then), Some(now)) => (ChangeKind::Changed, words::of(then, now)),
    };
    Some(Change { how, object: key.clone(), what })
}

/// The fingerprint of a structure: SHA-256 in hex over its objects as JSON. Equal structures have equal fingerprints, in
/// whatever database they stand and whichever minor version printed them.
pub fn fingerprint(snapshot: &Snapshot) -> String {
    let facts: Vec<(&ObjectKey, Facts<'_>)> = snapshot.objects.iter().map(|(key, object)| (key, facts(object))).collect();
    let mut hash = Sha256::new();
    // Maps in the objects have ordered keys, so the text is canonical. It can't fail: every key is a string.
    if let Ok(text) = serde_json::to_vec(&facts) {
        hash.update(&text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What counts of an object when two are compared.
#[derive(PartialEq, Serialize)]
pub(super) struct Facts<'a> {
    definition: &'a Definition,
    owner: &'a Option<String>,
    grants: &'a Vec<Grant>,
    comment: &'a Option<String>,
}

pub(super) fn facts(object: &Object) -> Facts<'_> {
    Facts { definition: &object.definition, owner: &object.owner, grants: &object.grants, comment: &object.comment }
}
