//! The part of a structure that some tables bring along and need, for a database that has nothing of it yet.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    body_references::BodyReferences,
    feasibility::is_fingerprint_only,
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{Constraint, Definition},
    object::Object,
    scope::{dependents, holder, parts},
    script::Unrestorable,
    snapshot::Snapshot,
};

/// What can be made of some tables where nothing of them is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subset {
    /// The tables, their parts and dependents, and what all of these need.
    pub snapshot: Snapshot,
    /// Tables that are there only because something points to them: they get no rows.
    pub hollow: BTreeSet<ObjectKey>,
    /// Foreign keys from tables with rows to hollow ones. They are NOT VALID here: no row could fulfil them.
    pub unvalidated: BTreeSet<ObjectKey>,
    /// What belongs to the tables and can't be made there, and why.
    pub left_out: Vec<Unrestorable>,
}

impl Subset {
    /// Gives what belongs to roles that are none of `ours` to `role`, because nobody can give an object to a role that he can't
    /// become; privileges that such roles gave are given by the new owner. Returns the roles that lost something.
    pub fn hand_over(&mut self, role: &str, ours: &BTreeSet<String>) -> BTreeSet<String> {
        let mut lost = BTreeSet::new();
        for object in self.snapshot.objects.values_mut() {
            let owner = object.owner.clone().filter(|owner| !ours.contains(owner));
            if let Some(owner) = &owner {
                lost.insert(owner.clone());
                object.owner = Some(role.to_owned());
            }
            let columns = object.definition.column_facts_mut().into_iter().map(|facts| &mut facts.grants);
            let along = object.companions.iter_mut().filter_map(|companion| companion.grants.as_mut());
            for grants in columns.chain(along).chain([&mut object.grants]) {
                for grant in grants.iter_mut() {
                    if grant.grantee.is_some() && grant.grantee == owner {
                        grant.grantee = Some(role.to_owned());
                    }
                    if !ours.contains(&grant.grantor) {
                        lost.insert(std::mem::replace(&mut grant.grantor, role.to_owned()));
                    }
                }
                // What the role had been given by the owner that it takes the place of, it has as the owner.
                let mut seen = BTreeSet::new();
                grants.retain(|g| seen.insert((g.grantee.clone(), g.grantor.clone(), g.privilege.clone())));
            }
        }
        lost
    }
}

/// Everything that the tables bring along (parts, dependents) and everything that all of that needs; what the bodies of functions
/// name is needed, too.
pub fn closure(then: &Snapshot, tables: &BTreeSet<ObjectKey>) -> BTreeSet<ObjectKey> {
    let (parts, dependents) = (parts(then), dependents(then));
    let mut above = ObjectKeys::new();
    let mut next: Vec<ObjectKey> = tables.iter().filter(|key| then.objects.contains_key(*key)).cloned().collect();
    while let Some(key) = next.pop() {
        if above.insert(key.clone()) {
            next.extend([&parts, &dependents].into_iter().filter_map(|map| map.get(&key)).flatten().cloned());
        }
    }
    let named = BodyReferences::in_functions(then);
    let mut found = ObjectKeys::new();
    let mut next: Vec<ObjectKey> = above.into_iter().collect();
    while let Some(key) = next.pop() {
        if !found.insert(key.clone()) {
            continue;
        }
        let Some(object) = then.objects.get(&key) else { continue };
        next.extend(needs(object).chain(named.by(&key)).cloned());
        // The sequence of an identity column is no need of its table, and yet made with it; so are the parts that tables in a
        // tree have from each other.
        let whole = stands_in_a_tree(then, &key);
        next.extend(parts.get(&key).into_iter().flatten().filter(|part| whole || is_identity(then, part)).cloned());
    }
    found.retain(|key| then.objects.contains_key(key));
    found
}

/// The part of the structure that `filled` tables, which will get rows, bring along and need. `present` are objects that the
/// empty database has already: extensions.
pub fn subset(then: &Snapshot, filled: &BTreeSet<ObjectKey>, present: &BTreeSet<ObjectKey>) -> Subset {
    let wanted: ObjectKeys = closure(then, filled).into_iter().filter(|key| !present.contains(key)).collect();
    let hollow: ObjectKeys =
        wanted.iter().filter(|key| key.kind == ObjectKind::Table && !filled.contains(*key)).cloned().collect();
    let left_out = impossible(then, &wanted, &hollow);
    let mut subset = Subset {
        snapshot: Snapshot {
            server_version: then.server_version,
            edition: then.edition,
            default_grantees: then.default_grantees.clone(),
            settings: then.settings.clone(),
            objects: BTreeMap::new(),
        },
        ..Subset::default()
    };
    let made: ObjectKeys = wanted.into_iter().filter(|key| !left_out.contains_key(key)).collect();
    subset.hollow = made.iter().filter(|key| hollow.contains(*key)).cloned().collect();
    for key in made {
        let Some(object) = then.objects.get(&key) else { continue };
        let mut object = object.clone();
        if subset.hollow.contains(&key) {
            forget_index(&mut object);
        }
        if points_to_hollow(&key, &object, then, &subset.hollow) {
            mark_not_valid(&mut object);
            subset.unvalidated.insert(key.clone());
        }
        subset.snapshot.objects.insert(key, object);
    }
    subset.left_out = left_out.into_iter().map(|(object, why)| Unrestorable { object, why, needs_copy: false }).collect();
    subset
}

/// What must exist for the object to exist, the defaults of its columns and the owner of a sequence included.
fn needs(object: &Object) -> impl Iterator<Item = &ObjectKey> {
    let owner = object.definition.owner_column().map(|(table, _)| table);
    object.depends_on.iter().chain(object.definition.parent()).chain(object.definition.default_needs()).chain(owner)
}

fn stands_in_a_tree(then: &Snapshot, key: &ObjectKey) -> bool {
    let object = then.objects.get(key);
    matches!(object.map(|object| &object.definition), Some(Definition::Table(table)) if table.lineage.is_known())
}

fn is_identity(then: &Snapshot, key: &ObjectKey) -> bool {
    then.objects.get(key).is_some_and(|object| object.definition.is_of_identity())
}

/// What can't be made of recorded text, and everything that needs it.
fn impossible(then: &Snapshot, wanted: &ObjectKeys, hollow: &ObjectKeys) -> BTreeMap<ObjectKey, String> {
    let mut found: BTreeMap<ObjectKey, String> = BTreeMap::new();
    for key in wanted {
        if then.objects.get(key).is_some_and(|object| is_fingerprint_only(&object.definition)) {
            found.insert(key.clone(), "is of a kind that is not made again".to_owned());
        }
        // A foreign key of a partitioned table can't be NOT VALID.
        if let Some(object) = then.objects.get(key)
            && points_to_hollow(key, object, then, hollow)
            && holder(key, object, then).is_some_and(|own| stands_in_a_tree(then, &own))
        {
            found.insert(key.clone(), "points to a table that has no rows there".to_owned());
        }
    }
    loop {
        let mut more = Vec::new();
        for key in wanted.iter().filter(|key| !found.contains_key(*key)) {
            let Some(object) = then.objects.get(key) else { continue };
            let own = holder(key, object, then);
            if let Some(need) = needs(object).chain(own.as_ref()).find(|need| found.contains_key(*need)) {
                more.push((key.clone(), format!("needs {need}")));
            }
        }
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// The index that is a hollow table's replica identity isn't made with it.
fn forget_index(object: &mut Object) {
    if let Definition::Table(table) = &mut object.definition
        && table.replica_identity == 'i'
    {
        table.replica_identity = 'd';
    }
}

fn points_to_hollow(key: &ObjectKey, object: &Object, then: &Snapshot, hollow: &ObjectKeys) -> bool {
    object.definition.foreign_key().is_some_and(|key| key.validated)
        && holder(key, object, then).is_some_and(|own| !hollow.contains(&own))
        && object.depends_on.iter().any(|need| hollow.contains(need))
}

fn mark_not_valid(object: &mut Object) {
    if let Definition::Constraint(Constraint { definition, validated, .. }) = &mut object.definition {
        definition.push_str(" NOT VALID");
        *validated = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        compose::script,
        example::{constraint, grant, object, pair, snapshot, table, view},
        kinds::{Constraint, Fingerprinted, Function, RoutineKeyword},
        script::Scope,
    };
    use super::*;

    fn other() -> Definition {
        Definition::Other(Fingerprinted { fingerprint: "f".to_owned(), statements: Vec::new() })
    }

    #[test]
    fn tables_bring_their_dependents_and_needs_along() {
        let then = pair();
        let a = ObjectKey::table("s", "a");
        let found = subset(&then, &BTreeSet::from([a.clone()]), &ObjectKeys::new());
        assert!(found.left_out.is_empty());
        let covered = found.snapshot.objects.keys().filter(|key| key.kind == ObjectKind::Table).cloned().collect();
        let changed = found.snapshot.objects.keys().cloned().collect();
        let empty = Snapshot { server_version: then.server_version, ..Snapshot::default() };
        let scope = Scope { covered, changed, reload: BTreeSet::new() };
        let script = script(&found.snapshot, &empty, &scope).expect("a script");
        assert!(script.recreated.contains(&a));
        assert_eq!(script.left_alone, ObjectKeys::new());
    }

    #[test]
    fn what_functions_name_in_their_bodies_comes_along() {
        let function = |name: &str, body: &str| {
            let definition = Definition::Function(Function {
                routine: RoutineKeyword::Function,
                name: name.to_owned(),
                arguments: String::new(),
                create: format!("CREATE FUNCTION s.{name}() RETURNS int LANGUAGE sql AS $function${body}$function$"),
                signature: String::new(),
            });
            (ObjectKey::new(ObjectKind::Function, "s", format!("{name}()")), object(definition, &[]))
        };
        let a = ObjectKey::table("s", "a");
        let [outer, inner, other] =
            [function("outer", "SELECT s.inner_one()"), function("inner_one", "SELECT 1"), function("other", "")];
        let then = snapshot([
            (a.clone(), object(Definition::Table(Box::new(table(&[("x", "integer")]))), &[&outer.0])),
            outer.clone(),
            inner.clone(),
            other,
        ]);
        assert_eq!(closure(&then, &[a.clone()].into()), [a, inner.0, outer.0].into());
    }

    #[test]
    fn foreign_keys_to_tables_without_rows_are_not_validated() {
        let (a, b) = (ObjectKey::table("s", "a"), ObjectKey::table("s", "b"));
        let to_b = ObjectKey::part(ObjectKind::Constraint, "s", "a", "a_b_fkey");
        let to_a = ObjectKey::part(ObjectKind::Constraint, "s", "b", "b_a_fkey");
        let key = |to: &str| constraint('f', &format!("FOREIGN KEY (x) REFERENCES s.{to}(x)"));
        let then = snapshot([
            (a.clone(), object(Definition::Table(Box::new(table(&[("x", "integer")]))), &[])),
            (b.clone(), object(Definition::Table(Box::new(table(&[("x", "integer")]))), &[])),
            (to_b.clone(), object(key("b"), &[&a, &b])),
            (to_a.clone(), object(key("a"), &[&a, &b])),
        ]);
        let found = subset(&then, &BTreeSet::from([a.clone()]), &ObjectKeys::new());
        assert_eq!((found.hollow, found.unvalidated), (ObjectKeys::from([b.clone()]), ObjectKeys::from([to_b.clone()])));
        let Definition::Constraint(Constraint { definition, validated, .. }) = &found.snapshot.objects[&to_b].definition
        else {
            panic!("no constraint")
        };
        assert_eq!((definition.as_str(), *validated), ("FOREIGN KEY (x) REFERENCES s.b(x) NOT VALID", false));
        assert!(subset(&then, &BTreeSet::from([a, b]), &ObjectKeys::new()).unvalidated.is_empty());
    }

    #[test]
    fn what_belongs_to_strangers_is_handed_over() {
        let then = pair();
        let a = ObjectKey::table("s", "a");
        let mut found = subset(&then, &BTreeSet::from([a.clone()]), &ObjectKeys::new());
        let mine = BTreeSet::from(["me".to_owned(), "owner".to_owned()]);
        assert_eq!(found.hand_over("me", &mine), BTreeSet::new());
        if let Some(table) = found.snapshot.objects.get_mut(&a) {
            table.grants = vec![grant("SELECT", Some("owner")), grant("SELECT", Some("api"))];
        }
        let lost = found.hand_over("me", &BTreeSet::from(["me".to_owned()]));
        assert_eq!(lost, BTreeSet::from(["owner".to_owned()]));
        let table = &found.snapshot.objects[&a];
        let grantees: Vec<_> = table.grants.iter().map(|g| (g.grantee.as_deref(), g.grantor.as_str())).collect();
        assert_eq!(table.owner.as_deref(), Some("me"));
        assert_eq!(grantees, [(Some("me"), "me"), (Some("api"), "me")]);
    }

    #[test]
    fn what_needs_the_impossible_is_left_out_and_named() {
        let a = ObjectKey::table("s", "a");
        let extension = ObjectKey::new(ObjectKind::Other, "extension", "hstore");
        let high = ObjectKey::new(ObjectKind::View, "s", "high");
        let then = snapshot([
            (extension.clone(), object(other(), &[])),
            (a.clone(), object(Definition::Table(Box::new(table(&[("x", "integer")]))), &[])),
            (high.clone(), object(view("SELECT 1"), &[&a, &extension])),
        ]);
        let filled = BTreeSet::from([a.clone()]);
        let without = subset(&then, &filled, &ObjectKeys::new());
        assert_eq!(without.snapshot.objects.keys().collect::<Vec<_>>(), [&a]);
        assert!(without.left_out.iter().any(|out| out.object == high && out.why.contains("hstore")), "{without:?}");
        let with = subset(&then, &filled, &BTreeSet::from([extension]));
        assert_eq!(with.snapshot.objects.keys().collect::<Vec<_>>(), [&a, &high]);
        assert!(with.left_out.is_empty());
    }
}
