//! What subscribers of publications see of a way back.
//!
//! A table that is dropped and made again takes its rows with it unseen, and the new one has no rows to show until it is a member of its
//! publications again. So what goes is emptied first, as long as it is a member, and what comes is a member before its rows come. All
//! of it is one transaction for subscribers, too.

use std::collections::BTreeSet;

use super::{
    hierarchy::lineage_in,
    kind::{ObjectKey, ObjectKind},
    kinds::{Constraint, Definition, Publication, PublishedTable, Table},
    script::{Action, Script},
    snapshot::Snapshot,
    statement,
};

/// The same script, so that subscribers see what it does to rows wherever that can be had.
pub fn shown_to_subscribers(script: Script, then: &Snapshot, now: &Snapshot) -> Script {
    let tables: Vec<SubscribedTable> =
        loaded(&script).filter_map(|table| SubscribedTable::of(table, &script, then, now)).collect();
    if tables.is_empty() {
        return script;
    }
    let mut actions = Vec::with_capacity(script.actions.len());
    for action in script.actions {
        match tables.iter().find_map(|table| table.place(&action)) {
            None => actions.push(action),
            Some(instead) => actions.extend(instead),
        }
    }
    Script { actions, ..script }
}

/// What subscribers don't see of the rows that the script brings back: tables in publications, as their memberships. They must be
/// synchronised again.
pub fn unseen_by_subscribers(script: &Script, then: &Snapshot, now: &Snapshot) -> BTreeSet<ObjectKey> {
    let mut unseen = BTreeSet::new();
    for table in loaded(script) {
        let shown = SubscribedTable::of(table, script, then, now).map(|shown| shown.publications).unwrap_or_default();
        let all = with_ancestors(then, table).into_iter().flat_map(|table| publications(then, &table));
        unseen.extend(all.filter(|publication| !shown.contains(publication)).map(|publication| member(table, publication)));
    }
    unseen
}

fn loaded(script: &Script) -> impl Iterator<Item = &ObjectKey> {
    script.actions.iter().filter_map(|action| match action {
        Action::Load(table) => Some(table),
        Action::Sql { .. } | Action::Position(_) => None,
    })
}

/// A table whose subscribers see what becomes of its rows.
struct SubscribedTable<'a> {
    table: ObjectKey,
    publications: BTreeSet<&'a str>,
    /// What drops it, where it is made anew.
    drop: Option<String>,
    /// What empties it, where it stays.
    truncate: String,
    /// What empties it so that subscribers see it.
    empty: Vec<String>,
    /// What makes it a member of its publications again.
    join: Vec<(ObjectKey, String)>,
}

impl<'a> SubscribedTable<'a> {
    /// None where it is in no publication that stays, or where what they publish would tell subscribers the half only.
    fn of(table: &ObjectKey, script: &Script, then: &'a Snapshot, now: &Snapshot) -> Option<Self> {
        let object = now.objects.get(table)?;
        let Definition::Table(facts) = &object.definition else { return None };
        if facts.lineage.partition_of.is_some() {
            return None;
        }
        let stays = |publication: &&str| !is_made(script, publication) && publishes(now, publication, "insert");
        let before = publications(now, table);
        let publications: BTreeSet<&str> =
            publications(then, table).into_iter().filter(|one| before.contains(one)).filter(stays).collect();
        if publications.is_empty() {
            return None;
        }
        let name = object.definition.title(table);
        let mut empty = vec![format!("ALTER TABLE ONLY {name} DISABLE TRIGGER USER")];
        if publications.iter().all(|publication| publishes(now, publication, "truncate")) {
            empty.push(format!("TRUNCATE TABLE ONLY {name}"));
        } else if tells_rows_apart(now, table, facts)
            && publications.iter().all(|publication| publishes(now, publication, "delete"))
        {
            if facts.force_row_security {
                empty.push(format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"));
            }
            empty.push(format!("DELETE FROM ONLY {name}"));
        } else {
            return None;
        }
        let truncate = format!("TRUNCATE TABLE ONLY {name}");
        let drop = statement::drop(table, object, now).pop().filter(|drop| runs(script, table, drop));
        let joins = publications.iter().map(|publication| member(table, publication));
        let join = joins.filter_map(|key| {
            let made = statement::create(&key, then.objects.get(&key)?, then);
            Some((key, made.into_iter().next()?))
        });
        let join: Vec<(ObjectKey, String)> = join.filter(|(key, sql)| runs(script, key, sql)).collect();
        // A table that stays may have to leave its publications for a change of its columns, before its rows go.
        if drop.is_none() && !join.is_empty() {
            return None;
        }
        Some(SubscribedTable { table: table.clone(), publications, drop, truncate, empty, join })
    }

    /// What comes in the place of the action; none where it is no matter of this table.
    fn place(&self, action: &Action) -> Option<Vec<Action>> {
        match action {
            Action::Load(table) if *table == self.table => {
                let joins = self.join.iter().map(|(object, sql)| Action::Sql { sql: sql.clone(), object: object.clone() });
                Some(joins.chain([action.clone()]).collect())
            }
            Action::Sql { sql, object } if *object == self.table && Some(sql) == self.drop.as_ref() => {
                Some(self.emptying().chain([action.clone()]).collect())
            }
            Action::Sql { sql, object } if *object == self.table && self.drop.is_none() && *sql == self.truncate => {
                Some(self.emptying().skip(1).collect())
            }
            // Its place is before the rows; and what is dropped need not be taken out before.
            Action::Sql { object, .. } if self.drop.is_some() && self.is_membership(object) => Some(Vec::new()),
            Action::Sql { .. } | Action::Load(_) | Action::Position(_) => None,
        }
    }

    fn emptying(&self) -> impl Iterator<Item = Action> {
        self.empty.iter().map(|sql| Action::Sql { sql: sql.clone(), object: self.table.clone() })
    }

    fn is_membership(&self, object: &ObjectKey) -> bool {
        self.join.iter().any(|(key, _)| key == object)
    }
}

fn runs(script: &Script, of: &ObjectKey, wanted: &str) -> bool {
    script.actions.iter().any(|action| matches!(action, Action::Sql { sql, object } if object == of && sql == wanted))
}

fn is_made(script: &Script, publication: &str) -> bool {
    let is_create = |sql: &str| sql.starts_with("CREATE PUBLICATION ");
    script.actions.iter().any(|action| {
        matches!(action, Action::Sql { sql, object } if object.kind == ObjectKind::Publication && object.name == publication && is_create(sql))
    })
}

fn member(table: &ObjectKey, publication: &str) -> ObjectKey {
    ObjectKey::part(ObjectKind::Published, &table.schema, &table.name, publication)
}

/// The publications that the table is in by itself.
fn publications<'a>(snapshot: &'a Snapshot, table: &ObjectKey) -> BTreeSet<&'a str> {
    let by_schema = |publication: &str| {
        snapshot.objects.contains_key(&ObjectKey::new(ObjectKind::Published, &table.schema, publication))
            || snapshot.objects.contains_key(&member(table, publication))
    };
    let all = snapshot.objects.iter().filter_map(|(key, object)| {
        let Definition::Publication(publication) = &object.definition else { return None };
        (publication.all_tables || by_schema(&key.name)).then_some(key.name.as_str())
    });
    all.collect()
}

fn publishes(snapshot: &Snapshot, publication: &str, operation: &str) -> bool {
    let object = snapshot.objects.get(&ObjectKey::new(ObjectKind::Publication, publication, publication));
    match object.map(|object| &object.definition) {
        Some(Definition::Publication(Publication { options, .. })) => {
            let published = options.iter().find_map(|option| option.strip_prefix("publish="));
            published.is_some_and(|published| published.split(", ").any(|one| one == operation))
        }
        _ => false,
    }
}

/// Whether a deletion can be published: the table has a replica identity, nothing of it is left out, and no rule makes something else of it.
fn tells_rows_apart(now: &Snapshot, table: &ObjectKey, facts: &Table) -> bool {
    let of_it = |key: &ObjectKey| key.schema == table.schema && key.of.as_ref() == Some(&table.name);
    let mut has_key = false;
    for object in now.objects.iter().filter(|(key, _)| of_it(key)).map(|(_, object)| object) {
        let is_partial = |published: &PublishedTable| !published.columns.is_empty() || published.filter.is_some();
        if matches!(&object.definition, Definition::Rule(_))
            || matches!(&object.definition, Definition::Published(published) if is_partial(published))
        {
            return false;
        }
        has_key |= matches!(&object.definition, Definition::Constraint(Constraint { contype: 'p', .. }));
    }
    match facts.replica_identity {
        'f' | 'i' => true,
        'n' => false,
        _ => has_key,
    }
}

/// The table and what it is a partition of, through all levels: their publications are its, too.
fn with_ancestors(snapshot: &Snapshot, table: &ObjectKey) -> Vec<ObjectKey> {
    let mut found = vec![table.clone()];
    while let Some(parent) = found.last().and_then(|table| partition_of(snapshot, table)).filter(|one| !found.contains(one))
    {
        found.push(parent);
    }
    found
}

fn partition_of(snapshot: &Snapshot, table: &ObjectKey) -> Option<ObjectKey> {
    lineage_in(snapshot, table)?.partition_of.as_ref().map(|of| of.parent.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{
        compose::script,
        diff::diff,
        example::{object, pair},
        script::Scope,
    };

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    /// The two tables, `a` in a publication that publishes this.
    fn with_publication(publish: &str) -> Snapshot {
        let mut snapshot = pair();
        let publication = ObjectKey::new(ObjectKind::Publication, "app", "app");
        let options = vec![format!("publish={publish}"), "publish_via_partition_root=false".to_owned()];
        let definition = Definition::Publication(Publication { all_tables: false, options });
        snapshot.objects.insert(publication.clone(), object(definition, &[]));
        let membership = Definition::Published(PublishedTable { columns: Vec::new(), filter: None });
        snapshot.objects.insert(member(&a(), "app"), object(membership, &[&a(), &publication]));
        snapshot
    }

    /// What the way back of a changed column does to the table, its rows and its membership, by its beginning.
    fn way(then: &Snapshot, change: impl Fn(&mut Snapshot)) -> (Vec<String>, usize) {
        let mut now = then.clone();
        change(&mut now);
        let changed = diff(then, &now).into_iter().map(|change| change.object).collect();
        let scope = Scope { covered: BTreeSet::from([a()]), changed, reload: BTreeSet::from([a()]) };
        let script = shown_to_subscribers(script(then, &now, &scope).unwrap(), then, &now);
        let words = ["DISABLE", "TRUNCATE", "DELETE", "DROP TABLE", "CREATE TABLE", "ALTER PUBLICATION"];
        let line = |action: &Action| match action {
            Action::Sql { sql, object } if object.name == "a" || object.kind == ObjectKind::Published => {
                if sql.contains(" OWNER TO ") {
                    return None;
                }
                words.iter().find(|word| sql.contains(*word)).map(|word| (*word).to_owned())
            }
            Action::Load(_) => Some("load".to_owned()),
            Action::Sql { .. } | Action::Position(_) => None,
        };
        let unseen = unseen_by_subscribers(&script, then, &now).len();
        (script.actions.iter().filter_map(line).collect(), unseen)
    }

    fn retype(snapshot: &mut Snapshot) {
        if let Some(Definition::Table(table)) = snapshot.objects.get_mut(&a()).map(|object| &mut object.definition) {
            table.columns[1].data_type = "uuid".to_owned();
        }
    }

    #[test]
    fn what_goes_is_emptied_as_a_member_and_what_comes_is_one_before_its_rows() {
        let all = "insert, update, delete, truncate";
        let (lines, unseen) = way(&with_publication(all), retype);
        assert_eq!(lines, ["DISABLE", "TRUNCATE", "DROP TABLE", "CREATE TABLE", "ALTER PUBLICATION", "load"]);
        assert_eq!(unseen, 0);
        let (lines, unseen) = way(&with_publication("insert, delete"), retype);
        assert_eq!(lines, ["DISABLE", "DELETE", "DROP TABLE", "CREATE TABLE", "ALTER PUBLICATION", "load"]);
        assert_eq!(unseen, 0);
        assert_eq!(way(&with_publication(all), |_| {}), (vec!["TRUNCATE".to_owned(), "load".to_owned()], 0));
        assert_eq!(way(&with_publication("insert, delete"), |_| {}), (vec!["DELETE".to_owned(), "load".to_owned()], 0));
    }

    #[test]
    fn what_subscribers_can_not_see_is_named() {
        assert_eq!(way(&with_publication("insert"), retype).1, 1);
        assert_eq!(way(&with_publication("update, delete, truncate"), retype).1, 1);
        let gone = |snapshot: &mut Snapshot| {
            retype(snapshot);
            snapshot.objects.remove(&member(&a(), "app"));
        };
        let (lines, unseen) = way(&with_publication("insert, update, delete, truncate"), gone);
        assert_eq!(lines, ["DROP TABLE", "CREATE TABLE", "load", "ALTER PUBLICATION"]);
        assert_eq!(unseen, 1);
    }
}
