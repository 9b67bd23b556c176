//! What a role must be allowed, so that it can make covered tables and all that belongs to them anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kind::{ObjectKey, ObjectKind},
    kinds::Definition,
    object::Object,
    privilege::Grant,
    scope::holder,
    snapshot::Snapshot,
    statement,
};
use crate::sql::QualifiedName;

/// What the way back of some objects asks of a role that is no superuser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authority {
    /// Owners, with the objects that are dropped and made in their name, parts of tables as their tables.
    pub owners: BTreeMap<String, BTreeSet<ObjectKey>>,
    /// Roles that gave privileges on an object that is not theirs, with those objects: only they can give them again.
    pub grantors: BTreeMap<String, BTreeSet<ObjectKey>>,
    /// Owners, and the schemas in which they get their objects back.
    pub places: BTreeSet<(String, String)>,
    /// What is used and stays as it is: functions that triggers call, types of columns, tables that foreign keys point to.
    pub uses: BTreeSet<ObjectKey>,
    /// The schemas of all that the definitions name.
    pub named_in: BTreeSet<String>,
    /// Owners of materialized views that hold rows, and what these views read: they are filled in their owners' names.
    pub reads: BTreeSet<(String, ObjectKey)>,
}

/// What making these objects anew asks for.
pub fn authority(then: &Snapshot, recreated: &BTreeSet<ObjectKey>) -> Authority {
    let mut authority = Authority::default();
    for key in recreated {
        let Some(object) = then.objects.get(key) else { continue };
        authority.add(key, object, then);
        if key.kind == ObjectKind::Published {
            authority.add_publication(key, then);
        }
        authority.named_in.extend(object.depends_on.iter().chain(object.definition.default_needs()).filter_map(schema_of));
        if key.kind == ObjectKind::Table {
            authority.uses.extend(called_by_domains(object, then));
        }
        let held_by = holder(key, object, then);
        let stays = |used: &&ObjectKey| !recreated.contains(*used) && held_by.as_ref() != Some(*used);
        authority
            .uses
            .extend(object.depends_on.iter().filter(|used| is_asked_for(key.kind, used.kind)).filter(stays).cloned());
    }
    authority
}

/// All roles that these objects name: owners, those with privileges and those who gave them, and those of policies.
pub fn roles(snapshot: &Snapshot, keys: &BTreeSet<ObjectKey>) -> BTreeMap<String, ObjectKey> {
    let mut roles = BTreeMap::new();
    for key in keys {
        let Some(object) = snapshot.objects.get(key) else { continue };
        let mut name = |role: &String| _ = roles.entry(role.clone()).or_insert_with(|| key.clone());
        object.owner.iter().for_each(&mut name);
        for grant in all_grants(object) {
            grant.grantee.iter().chain([&grant.grantor]).for_each(&mut name);
        }
        object.definition.roles().into_iter().for_each(&mut name);
    }
    roles
}

/// The statement that makes the role the object's owner; none for what has no owner of its own.
pub fn hand_over(snapshot: &Snapshot, key: &ObjectKey, role: &str) -> Option<String> {
    let object = snapshot.objects.get(key)?;
    statement::owner(key, &Object { owner: Some(role.to_owned()), ..object.clone() })
}

impl Authority {
    /// A member is taken out of a publication, and put into it, by the publication's owner.
    fn add_publication(&mut self, member: &ObjectKey, then: &Snapshot) {
        let publication = ObjectKey::new(ObjectKind::Publication, &member.name, &member.name);
        if let Some(owner) = then.objects.get(&publication).and_then(|object| object.owner.as_ref()) {
            self.owners.entry(owner.clone()).or_default().insert(publication);
        }
    }

    fn add(&mut self, key: &ObjectKey, object: &Object, then: &Snapshot) {
        let whole = match (&object.owner, holder(key, object, then)) {
            (None, Some(holder)) => holder,
            _ => key.clone(),
        };
        let Some(owner) = then.objects.get(&whole).and_then(|object| object.owner.as_ref()) else { return };
        if key.kind != ObjectKind::Schema && key.kind != ObjectKind::Other {
            self.places.insert((owner.clone(), key.schema.clone()));
        }
        for grant in all_grants(object).filter(|grant| grant.grantor != *owner) {
            self.grantors.entry(grant.grantor.clone()).or_default().insert(whole.clone());
        }
        if matches!(&object.definition, Definition::MaterializedView(view) if view.populated) {
            let relations = object.depends_on.iter().filter(|used| is_read(used.kind));
            self.reads.extend(relations.map(|used| (owner.clone(), used.clone())));
        }
        self.owners.entry(owner.clone()).or_default().insert(whole);
    }
}

fn is_read(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView)
}

/// Whether making the one asks for a privilege on the other.
fn is_asked_for(made: ObjectKind, used: ObjectKind) -> bool {
    let pairs = [
        (ObjectKind::Trigger, ObjectKind::Function),
        // Checks, generated columns and indexes call it for each row.
        (ObjectKind::Constraint, ObjectKind::Function),
        (ObjectKind::Table, ObjectKind::Function),
        (ObjectKind::Index, ObjectKind::Function),
        (ObjectKind::Constraint, ObjectKind::Table),
    ];
    used == ObjectKind::Type || pairs.contains(&(made, used))
}

/// The schema that an object is in.
fn schema_of(key: &ObjectKey) -> Option<String> {
    if key.kind != ObjectKind::Other {
        return Some(key.schema.clone()).filter(|schema| !schema.is_empty());
    }
    // `hid.same`, `"odd one".same`, `hid.===(integer,integer)`
    let mut is_quoted = false;
    let dot = key.name.find(|c| {
        is_quoted ^= c == '"';
        c == '.' && !is_quoted
    })?;
    let before = key.name.get(..dot)?;
    let written = match before.strip_suffix('"') {
        Some(quoted) => before.get(quoted.rfind('"')?..)?,
        None => before.rsplit([' ', '(']).next()?,
    };
    QualifiedName::parse(written).ok().map(|name| name.name)
}

/// The functions of the domains that an object's columns are of, whichever way these are.
fn called_by_domains(object: &Object, then: &Snapshot) -> BTreeSet<ObjectKey> {
    let (mut called, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut next: Vec<&ObjectKey> = object.depends_on.iter().filter(|need| need.kind == ObjectKind::Type).collect();
    while let Some(key) = next.pop() {
        if !seen.insert(key) {
            continue;
        }
        for need in then.objects.get(key).into_iter().flat_map(|object| &object.depends_on) {
            if need.kind == ObjectKind::Function {
                called.insert(need.clone());
            } else if need.kind == ObjectKind::Type {
                next.push(need);
            }
        }
    }
    called
}

fn all_grants(object: &Object) -> impl Iterator<Item = &Grant> {
    let along = object.companions.iter().flat_map(|companion| companion.grants.iter().flatten());
    object.grants.iter().chain(along).chain(object.definition.column_facts().into_iter().flat_map(|facts| &facts.grants))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::example::{object, snapshot, table};

    #[test]
    fn parts_belong_to_the_owner_of_their_table_and_ask_for_what_stays() {
        let (items, kinds) = (ObjectKey::table("app", "items"), ObjectKey::table("app", "kinds"));
        let key = ObjectKey::part(ObjectKind::Constraint, "app", "items", "items_kind_fkey");
        let columns = Definition::Table(Box::new(table(&[("kind", "integer")])));
        let constraint = Object { owner: None, ..object(Definition::Schema, &[&items, &kinds]) };
        let mut granted = object(columns.clone(), &[]);
        granted.grants.push(Grant {
            grantee: Some("reader".to_owned()),
            privilege: "SELECT".to_owned(),
            grantable: false,
            grantor: "lender".to_owned(),
        });
        let then = snapshot([(items.clone(), granted), (kinds.clone(), object(columns, &[])), (key.clone(), constraint)]);
        let recreated = BTreeSet::from([items.clone(), key]);
        let found = authority(&then, &recreated);
        assert_eq!(found.owners, BTreeMap::from([("owner".to_owned(), BTreeSet::from([items.clone()]))]));
        assert_eq!(found.grantors, BTreeMap::from([("lender".to_owned(), BTreeSet::from([items]))]));
        assert_eq!(found.uses, BTreeSet::from([kinds]));
        let named: Vec<String> = roles(&then, &recreated).into_keys().collect();
        assert_eq!(named, ["lender", "owner", "reader"]);
    }
}
