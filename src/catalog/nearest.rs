//! What is nearest to an object that can't be made as it was, and which differences may stay when a restore is over.

use super::{
    change::{Change, ChangeKind},
    kind::{ObjectKey, ObjectKind},
    kinds::{Column, Definition, Nearest, Policy, Table},
    object::Object,
    privilege::Grant,
    scope::holder,
    snapshot::Snapshot,
    statement,
};

/// What comes near this statement of a script, where it makes a constraint, a not-null mark or a restrictive policy: rules that
/// hold for new rows without being asked of those that are there, and a policy that lets nobody see more than the recorded one did.
pub fn nearest(sql: &str, key: &ObjectKey, then: &Snapshot) -> Option<Nearest> {
    let object = then.objects.get(key)?;
    object.definition.nearest(sql, statement::making(key, object, then))
}

/// Whether the statement gives the object its owner, without which it must not be there at all: it would act with the rights of
/// whoever made it.
pub fn gives_rights(sql: &str, key: &ObjectKey, then: &Snapshot) -> bool {
    let acts =
        matches!(key.kind, ObjectKind::Function | ObjectKind::Aggregate | ObjectKind::View | ObjectKind::MaterializedView);
    acts && then.objects.get(key).and_then(|object| statement::owner(key, object)).as_deref() == Some(sql)
}

/// The table that an object is a part of, then or now.
pub fn table_of(key: &ObjectKey, then: &Snapshot, now: &Snapshot) -> Option<ObjectKey> {
    [then, now].into_iter().find_map(|snapshot| holder(key, snapshot.objects.get(key)?, snapshot))
}

/// Whether a difference may stay after a restore: everything of a table's rows and columns must be as it was, every number that a
/// sequence gave must be known, and nobody may be let in who was not let in before.
///
/// # Errors
/// Why it may not: a fragment.
pub fn may_remain(change: &Change, then: &Snapshot, before: &Snapshot, after: &Snapshot) -> Result<(), &'static str> {
    let key = &change.object;
    let (was, is) = (then.objects.get(key), after.objects.get(key));
    if change.how == ChangeKind::Removed {
        let is_taken = after.objects.keys().any(|other| takes_name(other, key));
        if key.kind == ObjectKind::Table || key.kind == ObjectKind::Sequence && !is_taken {
            return Err("holds rows or numbers");
        }
        if key.kind == ObjectKind::Policy {
            let lets_in = |object: &Object| matches!(object.definition, Definition::Policy(Policy { permissive: true, .. }));
            if !was.is_some_and(lets_in) {
                return Err("kept rows from being seen");
            }
        }
    }
    if let (Some(was), Some(is)) = (was, is) {
        if let (Definition::Table(then), Definition::Table(after)) = (&was.definition, &is.definition) {
            tables(then, after)?;
        }
        let allowed = [Some(was), before.objects.get(key)].into_iter().flatten().flat_map(all_grants).collect::<Vec<_>>();
        if all_grants(is).iter().any(|grant| !allowed.contains(grant)) {
            return Err("could be used by whom it was not granted to");
        }
    }
    Ok(())
}

/// Whether a relation of others stands under the name of another one.
fn takes_name(other: &ObjectKey, key: &ObjectKey) -> bool {
    let is_relation =
        matches!(other.kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Index);
    is_relation && (&other.schema, &other.name) == (&key.schema, &key.name)
}

fn tables(then: &Table, after: &Table) -> Result<(), &'static str> {
    if (then.row_security && !after.row_security) || (then.force_row_security && !after.force_row_security) {
        return Err("would be without row security");
    }
    if then.lineage != after.lineage {
        return Err("has another place among partitions and children");
    }
    if !then.unlogged && after.unlogged {
        return Err("would lose its rows in a crash");
    }
    let shape = |table: &Table| table.columns.iter().map(shape).collect::<Vec<_>>();
    if shape(then) == shape(after) { Ok(()) } else { Err("has other columns") }
}

/// What of a column its rows are made of.
fn shape(column: &Column) -> impl PartialEq + use<> {
    (column.name.clone(), column.data_type.clone(), column.collation.clone(), column.generated.as_ref().map(|(how, _)| *how))
}

/// What is granted on an object and its columns, by whomever.
fn all_grants(object: &Object) -> Vec<(Option<String>, Option<String>, String, bool)> {
    let owner = object.owner.clone();
    let of = |column: Option<&str>, grants: &[Grant]| {
        let others = grants.iter().filter(|grant| grant.grantee.is_none() || grant.grantee != owner);
        let named =
            others.map(|grant| (column.map(str::to_owned), grant.grantee.clone(), grant.privilege.clone(), grant.grantable));
        named.collect::<Vec<_>>()
    };
    let mut all = of(None, &object.grants);
    all.extend(object.definition.column_facts().iter().flat_map(|facts| of(Some(&facts.column), &facts.grants)));
    all
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            diff,
            example::{column, grant, object, pair},
            kinds::Constraint,
        },
        *,
    };

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    fn remains(change: impl Fn(&mut Snapshot)) -> Result<(), &'static str> {
        let then = pair();
        let mut after = then.clone();
        change(&mut after);
        let differences = diff(&then, &after);
        assert!(!differences.is_empty());
        differences.iter().try_for_each(|change| may_remain(change, &then, &then, &after))
    }

    fn table(of: &mut Snapshot) -> &mut Table {
        match of.objects.get_mut(&a()).map(|object| &mut object.definition) {
            Some(Definition::Table(table)) => table,
            _ => panic!("no table"),
        }
    }

    #[test]
    fn rows_columns_and_rights_are_never_left_out() {
        assert!(remains(|after| drop(after.objects.remove(&a()))).is_err());
        assert!(remains(|after| table(after).columns.push(column("more", "text"))).is_err());
        assert!(remains(|after| table(after).columns.swap(0, 1)).is_err());
        assert!(remains(|after| table(after).columns[0].data_type = "text".to_owned()).is_err());
        assert!(remains(|after| table(after).unlogged = true).is_err());
        let public = |after: &mut Snapshot| after.objects.get_mut(&a()).expect("a").grants.push(grant("SELECT", None));
        assert!(remains(public).is_err());
    }

    #[test]
    fn what_stands_beside_the_rows_may_be_left_out() {
        let view = ObjectKey::new(ObjectKind::View, "s", "high");
        assert!(remains(|after| drop(after.objects.remove(&view))).is_ok());
        assert!(remains(|after| table(after).replica_identity = 'f').is_ok());
        assert!(remains(|after| table(after).columns[1].default = Some("1".to_owned())).is_ok());
        let index = Definition::Schema;
        assert!(
            remains(|after| drop(
                after.objects.insert(ObjectKey::new(ObjectKind::Index, "s", "i"), object(index.clone(), &[]))
            ))
            .is_ok()
        );
    }

    #[test]
    fn row_security_that_is_gone_may_not_remain() {
        let mut then = pair();
        table(&mut then).row_security = true;
        let key = ObjectKey::part(ObjectKind::Policy, "s", "a", "own");
        let policy = |permissive| {
            Definition::Policy(Policy {
                permissive,
                command: "ALL".to_owned(),
                roles: Vec::new(),
                using: Some("s.mine(id)".to_owned()),
                check: None,
            })
        };
        for (permissive, may) in [(true, true), (false, false)] {
            then.objects.insert(key.clone(), object(policy(permissive), &[]));
            let after = pair();
            let changes = diff(&then, &after);
            let of = |kind| changes.iter().find(|change| change.object.kind == kind).expect("differs");
            assert!(may_remain(of(ObjectKind::Table), &then, &then, &after).is_err());
            assert_eq!(may_remain(of(ObjectKind::Policy), &then, &then, &after).is_ok(), may);
        }
        let made = statement::create(&key, &then.objects[&key], &then).remove(0);
        let nearest = nearest(&made, &key, &then).expect("restrictive");
        assert!(nearest.sql.ends_with("USING (false) WITH CHECK (false)"), "{}", nearest.sql);
        assert_eq!(nearest.finish.last(), Some(&made));
    }

    #[test]
    fn a_check_that_rows_break_is_nearest_without_being_asked_of_them() {
        let mut then = pair();
        let key = ObjectKey::part(ObjectKind::Constraint, "s", "a", "recent");
        let check = Definition::Constraint(Constraint {
            contype: 'c',
            definition: "CHECK ((at > now()))".to_owned(),
            validated: true,
            clustered: false,
            replica_identity: false,
            index: None,
            descent: Default::default(),
            parent: None,
            triggers: Vec::new(),
        });
        then.objects.insert(key.clone(), object(check, &[]));
        let made = statement::create(&key, &then.objects[&key], &then).remove(0);
        let nearest = nearest(&made, &key, &then).expect("a check");
        assert_eq!(nearest.sql, format!("{made} NOT VALID"));
        assert_eq!(nearest.finish, [r#"ALTER TABLE "s"."a" VALIDATE CONSTRAINT "recent""#]);
        assert_eq!(super::nearest("COMMENT ON TABLE s.a IS NULL", &key, &then), None);
    }
}
