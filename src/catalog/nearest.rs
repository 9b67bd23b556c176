//! What is nearest to an object that can't be made as it was, and which differences may stay when a restore is over.

use super::{
    change::{Change, ChangeKind},
    kind::{Kind, ObjectKey},
    object::{Definition, Grant, Object},
    scope::holder,
    snapshot::Snapshot,
    statement,
    table::{Column, ColumnFacts, Table},
};

/// From this version on not-null marks have names, and can be NOT VALID.
const NAMED_NOT_NULLS: u32 = 180_000;

/// A statement that comes near another one, which failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// What to run instead.
    pub sql: String,
    /// What makes it whole once what is in the way is gone.
    pub finish: Vec<String>,
}

/// What comes near this statement of a script, where it makes a constraint, a not-null mark or a restrictive policy: rules that
/// hold for new rows without being asked of those that are there, and a policy that lets nobody see more than the recorded one did.
pub fn nearest(sql: &str, key: &ObjectKey, then: &Snapshot) -> Option<Nearest> {
    let object = then.objects.get(key)?;
    match &object.definition {
        Definition::Constraint { contype: 'c' | 'f', validated: true, .. } => {
            let made = statement::create(key, object, then);
            (made.first().map(String::as_str) == Some(sql))
                .then(|| Nearest { sql: format!("{sql} NOT VALID"), finish: vec![statement::validate(key)] })
        }
        Definition::Domain { checks, .. } => {
            let made = |name: &str, text: &str| statement::add_domain_check(key, &object.definition, name, text);
            let check = checks.iter().find(|check| made(&check.name, &check.definition) == sql)?;
            (!check.definition.ends_with(" NOT VALID")).then(|| Nearest {
                sql: format!("{sql} NOT VALID"),
                finish: vec![statement::validate_domain_check(key, &object.definition, &check.name)],
            })
        }
        Definition::Table(table) if then.server_version >= NAMED_NOT_NULLS => nearest_mark(sql, key, object, table),
        Definition::Policy { permissive: false, command, roles, .. } => {
            if statement::create(key, object, then).first().map(String::as_str) != Some(sql) {
                return None;
            }
            let closed = Definition::Policy {
                permissive: false,
                command: command.clone(),
                roles: roles.clone(),
                using: (command != "INSERT").then(|| "false".to_owned()),
                check: (command != "SELECT" && command != "DELETE").then(|| "false".to_owned()),
            };
            let closed = Object { definition: closed, ..object.clone() };
            let drop = statement::drop(key, object);
            Some(Nearest {
                sql: statement::create(key, &closed, then).into_iter().next()?,
                finish: drop.into_iter().chain([sql.to_owned()]).collect(),
            })
        }
        _ => None,
    }
}

fn nearest_mark(sql: &str, key: &ObjectKey, object: &Object, table: &Table) -> Option<Nearest> {
    let title = statement::title(key, &object.definition);
    table.columns.iter().find_map(|column| {
        let mark = column.not_null.as_ref().filter(|mark| mark.validated)?;
        let name = mark.name.as_ref()?;
        (statement::set_not_null(&title, &column.name, mark) == sql).then(|| Nearest {
            sql: format!("{sql} NOT VALID"),
            finish: vec![statement::validate(&ObjectKey::part(Kind::Constraint, &key.schema, &key.name, name))],
        })
    })
}

/// Whether the statement gives the object its owner, without which it must not be there at all: it would act with the rights of
/// whoever made it.
pub fn gives_rights(sql: &str, key: &ObjectKey, then: &Snapshot) -> bool {
    let acts = matches!(key.kind, Kind::Function | Kind::Aggregate | Kind::View | Kind::MaterializedView);
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
    match (key.kind, change.how) {
        (Kind::Table | Kind::Sequence, ChangeKind::Removed) => return Err("holds rows or numbers"),
        (Kind::Policy, ChangeKind::Removed) => {
            let lets_in = |object: &Object| matches!(object.definition, Definition::Policy { permissive: true, .. });
            if !was.is_some_and(lets_in) {
                return Err("kept rows from being seen");
            }
        }
        (_, ChangeKind::Added | ChangeKind::Removed | ChangeKind::Changed) => {}
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
    let columns: Vec<&ColumnFacts> = match &object.definition {
        Definition::Table(table) => table.columns.iter().map(|column| &column.facts).collect(),
        Definition::MaterializedView(view) => view.columns.iter().map(|column| &column.facts).collect(),
        Definition::View { column_facts, .. } => column_facts.iter().collect(),
        _ => Vec::new(),
    };
    let owner = object.owner.clone();
    let of = |column: Option<&str>, grants: &[Grant]| {
        let others = grants.iter().filter(|grant| grant.grantee.is_none() || grant.grantee != owner);
        let named =
            others.map(|grant| (column.map(str::to_owned), grant.grantee.clone(), grant.privilege.clone(), grant.grantable));
        named.collect::<Vec<_>>()
    };
    let mut all = of(None, &object.grants);
    all.extend(columns.iter().flat_map(|facts| of(Some(&facts.column), &facts.grants)));
    all
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            diff,
            example::{column, grant, object, pair},
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
        let view = ObjectKey::new(Kind::View, "s", "high");
        assert!(remains(|after| drop(after.objects.remove(&view))).is_ok());
        assert!(remains(|after| table(after).replica_identity = 'f').is_ok());
        assert!(remains(|after| table(after).columns[1].default = Some("1".to_owned())).is_ok());
        let index = Definition::Schema;
        assert!(
            remains(|after| drop(after.objects.insert(ObjectKey::new(Kind::Index, "s", "i"), object(index.clone(), &[]))))
                .is_ok()
        );
    }

    #[test]
    fn row_security_that_is_gone_may_not_remain() {
        let mut then = pair();
        table(&mut then).row_security = true;
        let key = ObjectKey::part(Kind::Policy, "s", "a", "own");
        let policy = |permissive| Definition::Policy {
            permissive,
            command: "ALL".to_owned(),
            roles: Vec::new(),
            using: Some("s.mine(id)".to_owned()),
            check: None,
        };
        for (permissive, may) in [(true, true), (false, false)] {
            then.objects.insert(key.clone(), object(policy(permissive), &[]));
            let after = pair();
            let changes = diff(&then, &after);
            let of = |kind| changes.iter().find(|change| change.object.kind == kind).expect("differs");
            assert!(may_remain(of(Kind::Table), &then, &then, &after).is_err());
            assert_eq!(may_remain(of(Kind::Policy), &then, &then, &after).is_ok(), may);
        }
        let made = statement::create(&key, &then.objects[&key], &then).remove(0);
        let nearest = nearest(&made, &key, &then).expect("restrictive");
        assert!(nearest.sql.ends_with("USING (false) WITH CHECK (false)"), "{}", nearest.sql);
        assert_eq!(nearest.finish.last(), Some(&made));
    }

    #[test]
    fn a_check_that_rows_break_is_nearest_without_being_asked_of_them() {
        let mut then = pair();
        let key = ObjectKey::part(Kind::Constraint, "s", "a", "recent");
        let check = Definition::Constraint {
            contype: 'c',
            definition: "CHECK ((at > now()))".to_owned(),
            validated: true,
            clustered: false,
            replica_identity: false,
            index: None,
            descent: Default::default(),
            parent: None,
            triggers: Vec::new(),
        };
        then.objects.insert(key.clone(), object(check, &[]));
        let made = statement::create(&key, &then.objects[&key], &then).remove(0);
        let nearest = nearest(&made, &key, &then).expect("a check");
        assert_eq!(nearest.sql, format!("{made} NOT VALID"));
        assert_eq!(nearest.finish, [r#"ALTER TABLE "s"."a" VALIDATE CONSTRAINT "recent""#]);
        assert_eq!(super::nearest("COMMENT ON TABLE s.a IS NULL", &key, &then), None);
    }
}
