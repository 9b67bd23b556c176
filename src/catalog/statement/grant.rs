//! Privileges, exactly: everything that there may be is taken away, then what was recorded is given in the recorded order.

use std::collections::BTreeSet;

use crate::{
    catalog::{
        kind::{ObjectKey, ObjectKind},
        kinds::{ColumnFacts, Constructor, Definition, Range},
        object::Object,
        privilege::{Grant, grant_all_to, grantee},
        snapshot::Snapshot,
    },
    sql::quote::ident,
};

/// What an object may have been granted before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slate<'a> {
    /// It was just made: it has the built-in defaults, and what default privileges add.
    Fresh(&'a BTreeSet<String>),
    /// It stood like this.
    Written(&'a Object),
}

/// The statements that give the object its recorded privileges, those of its columns included.
pub(crate) fn grants(key: &ObjectKey, object: &Object, slate: Slate<'_>, snapshot: &Snapshot) -> Vec<String> {
    let (Some(owner), Some(target)) = (&object.owner, object.definition.granted(key)) else { return Vec::new() };
    let mut statements = Vec::new();
    if !is_default_on_fresh(object, slate, snapshot) {
        statements.extend(revoke_all(&target, owner, &object.grants, slate));
        statements.extend(give(&target, None, owner, &object.grants));
    }
    for facts in object.definition.column_facts() {
        statements.extend(give(&target, Some(&facts.column), owner, &facts.grants));
    }
    statements
}

/// The statements that give one column, which has the privileges `now`, its recorded ones.
pub(crate) fn column_grants(key: &ObjectKey, object: &Object, then: &ColumnFacts, now: &[Grant]) -> Vec<String> {
    let Some(owner) = &object.owner else { return Vec::new() };
    let target = format!("TABLE {}", object.definition.title(key));
    let mut statements = Vec::new();
    if !now.is_empty() {
        let roles: BTreeSet<String> = now.iter().map(grantee).collect();
        let roles: Vec<String> = roles.into_iter().collect();
        statements.push(format!("REVOKE ALL ({}) ON {target} FROM {} CASCADE", ident(&then.column), roles.join(", ")));
    }
    statements.extend(give(&target, Some(&then.column), owner, &then.grants));
    statements
}

/// The statements that give the functions which came with a range type their recorded privileges.
pub(crate) fn constructor_grants(range: &Range, slate: Slate<'_>, snapshot: &Snapshot) -> Vec<String> {
    let mut statements = Vec::new();
    let was = match slate {
        Slate::Written(Object { definition: Definition::Range(was), .. }) => was.constructors.as_slice(),
        Slate::Written(_) | Slate::Fresh(_) => &[],
    };
    for constructor in &range.constructors {
        let Constructor { name, owner, grants } = constructor;
        let before = was.iter().find(|other| other.name == *name);
        if before.is_some_and(|before| before.owner != *owner) {
            statements.push(format!("ALTER FUNCTION {name} OWNER TO {}", ident(owner)));
        }
        let is_right = match before {
            Some(before) => before == constructor,
            None => !has_default_privileges(snapshot) && *grants == Grant::public(owner, "EXECUTE"),
        };
        if !is_right {
            let target = format!("FUNCTION {name}");
            let defaults = match slate {
                Slate::Fresh(defaults) => defaults.iter().map(|role| ident(role)).collect(),
                Slate::Written(_) => Vec::new(),
            };
            let has = before.into_iter().flat_map(|before| before.grants.iter().map(grantee));
            let mut roles: BTreeSet<String> = grants.iter().map(grantee).chain(defaults).chain(has).collect();
            roles.extend(["PUBLIC".to_owned(), ident(owner)]);
            let roles = roles.into_iter().collect::<Vec<_>>().join(", ");
            statements.push(format!("REVOKE ALL ON {target} FROM {roles} CASCADE"));
            statements.extend(give(&target, None, owner, grants));
        }
    }
    statements
}

/// The statement that takes all privileges from PUBLIC, the owner, and everybody in these grants.
pub(super) fn revoke_everything<'a>(target: &str, owner: &str, grants: impl Iterator<Item = &'a Grant>) -> String {
    let mut roles: BTreeSet<String> = grants.map(grantee).collect();
    roles.extend(["PUBLIC".to_owned(), ident(owner)]);
    format!("REVOKE ALL ON {target} FROM {} CASCADE", roles.into_iter().collect::<Vec<_>>().join(", "))
}

fn revoke_all(target: &str, owner: &str, then: &[Grant], slate: Slate<'_>) -> Vec<String> {
    let mut roles: BTreeSet<String> = then.iter().map(grantee).collect();
    roles.insert("PUBLIC".to_owned());
    roles.insert(ident(owner));
    let cascade = match slate {
        Slate::Fresh(defaults) => {
            roles.extend(defaults.iter().map(|role| ident(role)));
            ""
        }
        // What was handed on goes with it, and comes back with the recorded grants.
        Slate::Written(now) => {
            roles.extend(now.grants.iter().map(grantee));
            // REVOKE on a table takes privileges on its columns along, from the roles that it names.
            roles.extend(now.definition.column_facts().into_iter().flat_map(|facts| &facts.grants).map(grantee));
            " CASCADE"
        }
    };
    vec![format!("REVOKE ALL ON {target} FROM {}{cascade}", roles.into_iter().collect::<Vec<_>>().join(", "))]
}

/// The GRANTs in the recorded order, except that a role grants only after it was given the right to.
pub(super) fn give(target: &str, column: Option<&str>, owner: &str, recorded: &[Grant]) -> Vec<String> {
    let mut open: Vec<&Grant> = recorded.iter().collect();
    let mut done: Vec<&Grant> = Vec::new();
    let mut statements = Vec::new();
    while !open.is_empty() {
        let may = |grant: &Grant, done: &[&Grant]| {
            grant.grantor == owner
                || done.iter().any(|other| {
                    other.grantable && other.privilege == grant.privilege && other.grantee.as_ref() == Some(&grant.grantor)
                })
        };
        // A right that comes from somewhere else (a role's membership) is tried as it stands.
        let first = open.iter().position(|grant| may(grant, &done)).unwrap_or(0);
        let head = open.remove(first);
        let mut group = vec![head];
        while let Some(next) = open.get(first)
            && (&next.grantee, &next.grantor, next.grantable) == (&head.grantee, &head.grantor, head.grantable)
            && may(next, &done)
        {
            group.push(open.remove(first));
        }
        statements.extend(as_grantor(owner, &head.grantor, grant_all_to(target, column, &group)));
        done.extend(group);
    }
    statements
}

/// The server records as grantor who runs the statement, and for the owner's members and superusers the owner.
fn as_grantor(owner: &str, grantor: &str, statement: String) -> Vec<String> {
    if grantor == owner {
        return vec![statement];
    }
    vec![format!("SET LOCAL ROLE {}", ident(grantor)), statement, "RESET ROLE".to_owned()]
}

/// Whether an object that was just made has exactly the recorded privileges already: they are the built-in ones, and no
/// default privileges exist that would have changed them.
fn is_default_on_fresh(object: &Object, slate: Slate<'_>, snapshot: &Snapshot) -> bool {
    let (Slate::Fresh(_), Some(owner)) = (slate, &object.owner) else { return false };
    !has_default_privileges(snapshot) && object.grants == object.definition.built_in(owner, snapshot.server_version)
}

fn has_default_privileges(snapshot: &Snapshot) -> bool {
    snapshot.objects.keys().any(|key| key.kind == ObjectKind::Other && key.schema == "default acl")
}
