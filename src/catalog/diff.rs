//! The difference between two snapshots, and the fingerprint of one.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    change::{Change, ChangeKind},
    companion::Companion,
    describe,
    foreign_key::hang_alike,
    kind::ObjectKey,
    kinds::Definition,
    label::SecurityLabel,
    object::Object,
    privilege::Grant,
    snapshot::Snapshot,
};

/// What differs between two moments, in the order of keys. What an object depends on counts no
/// further than it shows in definitions, but for the index that a foreign key hangs on: where nothing differs beside that, the
/// fingerprints are equal.
pub fn diff(then: &Snapshot, now: &Snapshot) -> Vec<Change> {
    let keys: BTreeSet<&ObjectKey> = then.objects.keys().chain(now.objects.keys()).collect();
    let is_comparable = |key: &ObjectKey| then.edition == now.edition || !is_fingerprinted(then, now, key);
    keys.into_iter()
        .filter(|key| is_comparable(key))
        .filter_map(|key| change(key, then.objects.get(key), now.objects.get(key)))
        .collect()
}

/// Whether no more than a fingerprint is known of an object at one of the moments, which other queries take of other facts.
fn is_fingerprinted(then: &Snapshot, now: &Snapshot, key: &ObjectKey) -> bool {
    let is_fingerprint = |snapshot: &Snapshot| {
        snapshot
            .objects
            .get(key)
            .is_some_and(|object| matches!(object.definition, Definition::Other(_) | Definition::Database(_)))
    };
    is_fingerprint(then) || is_fingerprint(now)
}

/// How one object changed, if it did.
pub(super) fn change(key: &ObjectKey, then: Option<&Object>, now: Option<&Object>) -> Option<Change> {
    let (how, what) = match (then, now) {
        (None, None) => return None,
        (None, Some(_)) => (ChangeKind::Added, Vec::new()),
        (Some(_), None) => (ChangeKind::Removed, Vec::new()),
        (Some(then), Some(now)) if facts(then) == facts(now) && hang_alike(then, now) => return None,
        (Some(then), Some(now)) => (ChangeKind::Changed, describe::of(then, now)),
    };
    Some(Change { how, object: key.clone(), what })
}

/// The fingerprint of a structure: SHA-256 in hex over its objects as JSON. Equal structures have equal fingerprints, in
/// whatever database they stand and whichever minor version printed them.
pub fn fingerprint(snapshot: &Snapshot) -> String {
    let facts: Vec<(&ObjectKey, ComparedFacts<'_>)> =
        snapshot.objects.iter().map(|(key, object)| (key, facts(object))).collect();
    let mut hash = Sha256::new();
    // Maps in the objects have ordered keys, so the text is canonical. It can't fail: every key is a string.
    if let Ok(text) = serde_json::to_vec(&facts) {
        hash.update(&text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What counts of an object when two are compared.
#[derive(PartialEq, Serialize)]
pub(super) struct ComparedFacts<'a> {
    definition: &'a Definition,
    owner: &'a Option<String>,
    grants: &'a Vec<Grant>,
    comment: &'a Option<String>,
    labels: &'a Vec<SecurityLabel>,
    #[serde(skip_serializing_if = "<[Companion]>::is_empty")]
    companions: &'a [Companion],
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    extensions: &'a BTreeSet<String>,
}

pub(super) fn facts(object: &Object) -> ComparedFacts<'_> {
    ComparedFacts {
        definition: &object.definition,
        owner: &object.owner,
        grants: &object.grants,
        comment: &object.comment,
        labels: &object.labels,
        companions: &object.companions,
        extensions: &object.extensions,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        change::ChangeKind,
        example::{column, grant, pair},
        kind::{ObjectKey, ObjectKind},
        kinds::{Definition, Fingerprinted, Table},
        snapshot::Snapshot,
    };
    use super::{diff, fingerprint};

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    fn changed(change: impl Fn(&mut Table)) -> Vec<String> {
        let then = pair();
        let mut now = then.clone();
        let Some(Definition::Table(table)) = now.objects.get_mut(&a()).map(|object| &mut object.definition) else {
            panic!("no table")
        };
        change(table);
        words(&then, &now)
    }

    fn words(then: &Snapshot, now: &Snapshot) -> Vec<String> {
        assert_ne!(fingerprint(then), fingerprint(now));
        diff(then, now).into_iter().flat_map(|change| change.what).collect()
    }

    #[test]
    fn changes_of_a_table_are_said_in_words() {
        type Case<'a> = (&'a dyn Fn(&mut Table), &'a str);
        let cases: [Case<'_>; 7] = [
            (&|table| table.columns[0].data_type = "uuid".to_owned(), "column id type integer -> uuid"),
            (&|table| table.columns.push(column("region", "text")), "added column region text"),
            (&|table| drop(table.columns.pop()), "removed column v text"),
            (&|table| table.columns.swap(0, 1), "columns in another order"),
            (&|table| table.row_security = true, "row security off -> on"),
            (&|table| table.replica_identity = 'f', "replica identity default -> full"),
            (&|table| table.columns[1].facts.comment = Some("x".to_owned()), "column v comment none -> \"x\""),
        ];
        for (change, expected) in cases {
            assert_eq!(changed(change), [expected]);
        }
    }

    #[test]
    fn owners_and_grants_are_said_in_words() {
        let mut then = pair();
        let mut now = then.clone();
        let (Some(before), Some(after)) = (then.objects.get_mut(&a()), now.objects.get_mut(&a())) else {
            panic!("no table")
        };
        before.grants = vec![grant("SELECT", None), grant("INSERT", Some("api"))];
        after.grants = vec![grant("INSERT", Some("api")), grant("DELETE", Some("api"))];
        after.owner = Some("other".to_owned());
        assert_eq!(words(&then, &now), ["owner owner -> other", "revoke SELECT from PUBLIC", "grant DELETE to api"]);
    }

    #[test]
    fn what_came_and_went_is_told_apart() {
        let then = pair();
        let mut now = then.clone();
        let view = now.objects.remove(&ObjectKey::new(super::super::ObjectKind::View, "s", "high")).map(|view| {
            now.objects.insert(ObjectKey::new(super::super::ObjectKind::View, "s", "new"), view);
        });
        assert!(view.is_some());
        let changes: Vec<(ChangeKind, String)> =
            diff(&then, &now).into_iter().map(|change| (change.how, change.object.to_string())).collect();
        let expected = [(ChangeKind::Removed, "view s.high"), (ChangeKind::Added, "view s.new")];
        assert_eq!(changes, expected.map(|(how, name)| (how, name.to_owned())));
    }

    #[test]
    fn what_an_object_depends_on_is_a_difference_for_foreign_keys_alone() {
        let then = pair();
        let mut now = then.clone();
        now.objects.values_mut().for_each(|object| object.depends_on.clear());
        assert_eq!(diff(&then, &now), []);
        assert_eq!(fingerprint(&then), fingerprint(&now));
        if let Some(foreign) = now.objects.get_mut(&ObjectKey::part(ObjectKind::Constraint, "s", "b", "b_a")) {
            foreign.hangs_on = Some(ObjectKey::new(ObjectKind::Index, "s", "cover"));
        }
        let what: Vec<String> = diff(&then, &now).into_iter().flat_map(|change| change.what).collect();
        assert_eq!(what, ["hangs on constraint a_pkey on s.a -> index s.cover"]);
    }

    #[test]
    fn what_other_queries_fingerprinted_is_not_compared() {
        let key = ObjectKey::new(ObjectKind::Other, "collation", "s.c");
        let with = |edition: u32, fingerprint: &str| {
            let mut snapshot = pair();
            snapshot.edition = edition;
            let definition =
                Definition::Other(Fingerprinted { fingerprint: fingerprint.to_owned(), statements: Vec::new() });
            snapshot.objects.insert(key.clone(), super::super::example::object(definition, &[]));
            snapshot
        };
        assert_eq!(diff(&with(1, "a"), &with(1, "b")).len(), 1);
        assert_eq!(diff(&with(0, "a"), &with(1, "b")), []);
    }
}
