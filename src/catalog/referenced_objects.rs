//! What of a structure somebody relies on who names some of it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{
    kind::{ObjectKey, ObjectKind},
    kinds::Definition,
    object::Object,
    snapshot::Snapshot,
    subset::closure,
};

/// The objects that these names can mean: relations and types by their name, functions by theirs without argument types. A name
/// without a schema is looked up in each of the schemas of the path.
pub fn objects_named(
    snapshot: &Snapshot,
    names: &BTreeSet<(Option<String>, String)>,
    path: &[String],
) -> BTreeSet<ObjectKey> {
    let meant = |key: &ObjectKey, bare: &str| {
        let with_schema = (Some(key.schema.clone()), bare.to_owned());
        let without = (None, bare.to_owned());
        names.contains(&with_schema) || (path.contains(&key.schema) && names.contains(&without))
    };
    let is_meant =
        |(key, object): &(&ObjectKey, &Object)| object.definition.bare_name(key).is_some_and(|bare| meant(key, bare));
    snapshot.objects.iter().filter(is_meant).map(|(key, _)| key.clone()).collect()
}

/// The part of the structure that these objects bring along and need, to be kept and compared: what belongs to them, what
/// depends on them, what all of that needs. Bodies of functions stand in it as digests; what can only be fingerprinted is left
/// out.
pub fn referenced_objects(snapshot: &Snapshot, objects: &BTreeSet<ObjectKey>) -> Snapshot {
    let kept = |key: &ObjectKey| Some((key.clone(), kept(snapshot.objects.get(key)?)));
    let objects: BTreeMap<ObjectKey, Object> =
        closure(snapshot, objects).iter().filter(|key| key.kind != ObjectKind::Other).filter_map(kept).collect();
    Snapshot {
        server_version: snapshot.server_version,
        edition: snapshot.edition,
        default_grantees: BTreeSet::new(),
        settings: BTreeMap::new(),
        objects,
    }
}

fn kept(object: &Object) -> Object {
    let mut object = Object { depends_on: BTreeSet::new(), hangs_on: None, ..object.clone() };
    if let Definition::Function(function) = &mut object.definition {
        function.create = Sha256::digest(function.create.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    }
    object
}

#[cfg(test)]
mod tests {
    use super::super::{diff::diff, example::pair};
    use super::*;

    #[test]
    fn names_mean_what_they_mean_in_the_path() {
        let snapshot = pair();
        let of = |schema: Option<&str>, name: &str, path: &[&str]| {
            let names = BTreeSet::from([(schema.map(str::to_owned), name.to_owned())]);
            objects_named(&snapshot, &names, &path.iter().map(|&s| s.to_owned()).collect::<Vec<_>>())
        };
        let a = BTreeSet::from([ObjectKey::table("s", "a")]);
        assert_eq!(of(Some("s"), "a", &[]), a);
        assert_eq!(of(None, "a", &["s"]), a);
        assert!(of(None, "a", &["public"]).is_empty() && of(Some("public"), "a", &["s"]).is_empty());
    }

    #[test]
    fn a_difference_beside_it_is_none() {
        let then = pair();
        let low = BTreeSet::from([ObjectKey::new(ObjectKind::View, "s", "low")]);
        let mut now = then.clone();
        now.objects.insert(
            ObjectKey::new(ObjectKind::View, "s", "beside"),
            then.objects[&ObjectKey::new(ObjectKind::View, "s", "low")].clone(),
        );
        now.objects.get_mut(&ObjectKey::new(ObjectKind::View, "s", "beside")).unwrap().depends_on.clear();
        assert_eq!(diff(&referenced_objects(&then, &low), &referenced_objects(&now, &low)), []);
        now.objects.remove(&ObjectKey::new(ObjectKind::View, "s", "high"));
        assert_ne!(diff(&referenced_objects(&then, &low), &referenced_objects(&now, &low)), []);
    }
}
