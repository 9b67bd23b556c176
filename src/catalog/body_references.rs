//! What functions name in their bodies. The server records a dependency only for bodies that it has parsed (`BEGIN ATOMIC`); of
//! the others nothing is known but their text.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kind::ObjectKey,
    kinds::{Definition, Function},
    snapshot::Snapshot,
};
use crate::sql::mentions;

/// What each function names.
#[derive(Debug, Default)]
pub(super) struct BodyReferences<'a>(BTreeMap<&'a ObjectKey, BTreeSet<&'a ObjectKey>>);

impl<'a> BodyReferences<'a> {
    /// Of all functions of a snapshot: the objects of those names, in the schema that is said or in any. More than they use,
    /// because a column may be called like a table.
    pub fn in_functions(snapshot: &'a Snapshot) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&ObjectKey>> = BTreeMap::new();
        for (key, object) in &snapshot.objects {
            if let Some(name) = object.definition.bare_name(key) {
                by_name.entry(name).or_default().push(key);
            }
        }
        let mut named = BTreeMap::new();
        for (key, object) in &snapshot.objects {
            let Definition::Function(Function { create, name, .. }) = &object.definition else { continue };
            let mentioned = mentions(create);
            // Its own name stands in its text, and may be a table's, too.
            let own = (Some(key.schema.clone()), name.clone());
            let qualified: BTreeSet<&str> =
                mentioned.iter().filter(|(schema, _)| schema.is_some()).map(|(_, name)| name.as_str()).collect();
            let mut found = BTreeSet::new();
            for (schema, name) in mentioned.iter().filter(|mention| **mention != own) {
                let all = by_name.get(name.as_str()).into_iter().flatten().copied().filter(|other| *other != key);
                match schema {
                    Some(schema) => found.extend(all.filter(|other| other.schema == *schema)),
                    None if qualified.contains(name.as_str()) => {}
                    None => found.extend(all),
                }
            }
            if !found.is_empty() {
                named.insert(key, found);
            }
        }
        BodyReferences(named)
    }

    /// What a function names; nothing for any other object.
    pub fn by(&self, key: &ObjectKey) -> impl Iterator<Item = &'a ObjectKey> {
        self.0.get(key).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        example,
        kind::ObjectKind,
        kinds::{Function, RoutineKeyword},
    };
    use super::*;

    fn function(name: &str, body: &str) -> (ObjectKey, super::super::object::Object) {
        let definition = Definition::Function(Function {
            routine: RoutineKeyword::Function,
            name: name.to_owned(),
            arguments: "text".to_owned(),
            create: format!(
                "CREATE OR REPLACE FUNCTION s.{name}(t text) RETURNS text LANGUAGE sql AS $function${body}$function$"
            ),
            signature: String::new(),
        });
        (ObjectKey::new(ObjectKind::Function, "s", format!("{name}(text)")), example::object(definition, &[]))
    }

    #[test]
    fn functions_name_others_and_tables_in_their_bodies() {
        let mut snapshot = example::pair();
        let objects = [
            function("outer", "SELECT s.inner_one(t) || other.b"),
            function("inner_one", "SELECT v FROM a"),
            function("b", ""),
        ];
        snapshot.objects.extend(objects);
        let named = BodyReferences::in_functions(&snapshot);
        let by = |name: &str| -> Vec<String> {
            named.by(&ObjectKey::new(ObjectKind::Function, "s", name)).map(ToString::to_string).collect()
        };
        assert_eq!(by("outer(text)"), ["function s.inner_one(text)"], "another schema's b is not meant");
        assert_eq!(by("inner_one(text)"), ["table s.a"]);
        assert_eq!(by("b(text)"), [""; 0]);
    }
}
