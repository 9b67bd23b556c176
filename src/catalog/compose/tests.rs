//! Orders and refusals, on small snapshots.

use std::collections::BTreeSet;

use super::super::{
    compare::compare,
    diff::diff,
    example::{column, object, pair, sequence, snapshot, table},
    kind::{ObjectKey, ObjectKind},
    kinds::{Definition, Fingerprinted, Index, NotNull, Table},
    lineage::Descent,
    script::{Action, Scope},
    snapshot::Snapshot,
};
use super::{obstacles, script};

fn a() -> ObjectKey {
    ObjectKey::table("s", "a")
}

fn b() -> ObjectKey {
    ObjectKey::table("s", "b")
}

fn with_table(snapshot: &mut Snapshot, key: &ObjectKey, change: impl Fn(&mut Table)) {
    match snapshot.objects.get_mut(key).map(|object| &mut object.definition) {
        Some(Definition::Table(table)) => change(table),
        other => panic!("{other:?}"),
    }
}

/// The script for everything that differs, by first words.
fn lines(then: &Snapshot, now: &Snapshot, covered: &[ObjectKey], reload: &[ObjectKey]) -> Vec<String> {
    let scope = Scope {
        covered: covered.iter().cloned().collect(),
        changed: diff(then, now).into_iter().map(|change| change.object).collect(),
        reload: reload.iter().cloned().collect(),
    };
    let script = script(then, now, &scope).unwrap_or_else(|problems| panic!("{problems:#?}"));
    script
        .actions
        .iter()
        .map(|action| match action {
            Action::Sql { sql, .. } => sql.split(" (").next().unwrap_or_default().replace('"', "").trim().to_owned(),
            Action::Load(key) => format!("load {key}"),
            Action::Position(key) => format!("position {key}"),
        })
        .filter(|line| !line.contains("OWNER TO") && !line.starts_with("REVOKE"))
        .collect()
}

#[test]
fn nothing_to_do_is_no_action() {
    assert_eq!(lines(&pair(), &pair(), &[a(), b()], &[]), [""; 0]);
}

#[test]
fn a_changed_table_is_made_anew_with_all_that_hangs_on_it() {
    let then = pair();
    let mut now = then.clone();
    with_table(&mut now, &a(), |table| table.columns[0].data_type = "uuid".to_owned());
    assert_eq!(
        lines(&then, &now, &[a()], &[]),
        [
            "ALTER TABLE s.b DROP CONSTRAINT b_a",
            "DROP VIEW s.high",
            "DROP VIEW s.low",
            "DROP TABLE s.a",
            "CREATE TABLE s.a",
            "load table s.a",
            "ALTER TABLE s.a ADD CONSTRAINT a_pkey PRIMARY KEY",
            "ALTER TABLE s.b ADD CONSTRAINT b_a FOREIGN KEY",
            "CREATE VIEW s.low",
            "CREATE VIEW s.high",
        ]
    );
}

#[test]
fn a_table_of_the_same_shape_is_emptied_and_filled() {
    let then = pair();
    assert_eq!(
        lines(&then, &then, &[a(), b()], &[a()]),
        [
            "ALTER TABLE s.b DROP CONSTRAINT b_a",
            "TRUNCATE TABLE ONLY s.a",
            "load table s.a",
            "ALTER TABLE s.b ADD CONSTRAINT b_a FOREIGN KEY",
        ]
    );
}

#[test]
fn tables_that_need_each_other_lose_their_foreign_keys_first() {
    let mut then = pair();
    let back = ObjectKey::part(ObjectKind::Constraint, "s", "a", "a_b");
    let definition = super::super::example::constraint('f', "FOREIGN KEY (v) REFERENCES s.b(v)");
    then.objects.insert(back, object(definition, &[&a(), &b()]));
    let mut now = then.clone();
    for key in [a(), b()] {
        with_table(&mut now, &key, |table| table.columns.push(column("new", "text")));
    }
    let lines = lines(&then, &now, &[a(), b()], &[]);
    let place =
        |line: &str| lines.iter().position(|other| other == line).unwrap_or_else(|| panic!("no {line} in {lines:#?}"));
    assert!(place("ALTER TABLE s.a DROP CONSTRAINT a_b") < place("DROP TABLE s.a"));
    assert!(place("ALTER TABLE s.b DROP CONSTRAINT b_a") < place("DROP TABLE s.a"));
    assert!(place("load table s.b") < place("ALTER TABLE s.a ADD CONSTRAINT a_b FOREIGN KEY"));
}

#[test]
fn an_owned_sequence_outlives_its_table() {
    let mut then = pair();
    let numbers = ObjectKey::new(ObjectKind::Sequence, "s", "numbers");
    then.objects.insert(numbers.clone(), object(sequence(Some((&b(), "a_id"))), &[]));
    with_table(&mut then, &b(), |table| {
        table.columns[0].default = Some("nextval('s.numbers'::regclass)".to_owned());
        table.columns[0].default_needs = [numbers.clone()].into();
    });
    let mut now = then.clone();
    with_table(&mut now, &b(), |table| table.columns.push(column("new", "text")));
    assert_eq!(
        lines(&then, &now, &[b()], &[]),
        [
            "ALTER SEQUENCE s.numbers OWNED BY NONE",
            "DROP TABLE s.b",
            "CREATE TABLE s.b",
            "ALTER TABLE ONLY s.b ALTER COLUMN a_id SET DEFAULT nextval('s.numbers'::regclass)",
            "load table s.b",
            "ALTER TABLE s.b ADD CONSTRAINT b_a FOREIGN KEY",
            "ALTER SEQUENCE s.numbers OWNED BY s.b.a_id",
            "position sequence s.numbers",
        ]
    );
}

#[test]
fn a_key_goes_before_the_mark_that_it_holds_and_comes_after_the_mark_that_it_needs() {
    let mark = NotNull { name: None, validated: true, no_inherit: false, descent: Descent::OWN, comment: None };
    let mut marked = pair();
    with_table(&mut marked, &a(), |table| table.columns[0].not_null = Some(mark.clone()));
    let mut without = pair();
    without.objects.retain(|key, _| key.name != "a_pkey" && key.name != "b_a");
    marked.objects.retain(|key, _| key.name != "b_a");
    assert_eq!(
        lines(&without, &marked, &[a()], &[]),
        ["ALTER TABLE s.a DROP CONSTRAINT a_pkey", "ALTER TABLE s.a ALTER COLUMN id DROP NOT NULL"]
    );
    assert_eq!(
        lines(&marked, &without, &[a()], &[]),
        ["ALTER TABLE s.a ALTER COLUMN id SET NOT NULL", "ALTER TABLE s.a ADD CONSTRAINT a_pkey PRIMARY KEY"]
    );
}

#[test]
fn a_sequence_gets_narrower_bounds_together_with_a_place_in_them() {
    let numbers = ObjectKey::new(ObjectKind::Sequence, "s", "numbers");
    let with_max = |max| {
        let mut definition = sequence(None);
        if let Definition::Sequence(sequence) = &mut definition {
            sequence.max = max;
        }
        snapshot([(numbers.clone(), object(definition, &[]))])
    };
    let (narrow, wide) = (with_max(9), with_max(99));
    let altered = |then: &Snapshot, now: &Snapshot| lines(then, now, &[], &[]);
    let options = "ALTER SEQUENCE s.numbers INCREMENT BY 1 MINVALUE 1 MAXVALUE";
    assert_eq!(
        altered(&narrow, &wide),
        [format!("{options} 9 START WITH 1 CACHE 1 NO CYCLE RESTART WITH 1"), "position sequence s.numbers".to_owned()]
    );
    assert_eq!(
        altered(&wide, &narrow),
        [format!("{options} 99 START WITH 1 CACHE 1 NO CYCLE"), "position sequence s.numbers".to_owned()]
    );
}

#[test]
fn what_failed_builds_left_is_left_out_and_no_difference() {
    let leftover = ObjectKey::new(ObjectKind::Index, "s", "leftover");
    let mut then = pair();
    let index = Definition::Index(Index {
        table: "a".to_owned(),
        create: "CREATE INDEX leftover ON s.a USING btree (id)".to_owned(),
        valid: false,
        tablespace: None,
        clustered: false,
        replica_identity: false,
        statistics: Vec::new(),
        has_expressions: false,
        parent: None,
        partitioned: false,
    });
    then.objects.insert(leftover.clone(), object(index, &[&a()]));
    assert_eq!(obstacles(&then, &[a()].into()), []);
    assert!(lines(&then, &then, &[a()], &[a()]).contains(&"DROP INDEX s.leftover".to_owned()));
    let mut after = then.clone();
    after.objects.remove(&leftover);
    let scope = Scope { covered: [a()].into(), changed: [leftover.clone()].into(), reload: BTreeSet::new() };
    let script = script(&then, &after, &scope).unwrap_or_default();
    assert_eq!((script.actions.clone(), script.left_out.clone()), (Vec::new(), [leftover].into()));
    assert!(compare(&then, &after, &script).differences.is_empty());
}

#[test]
fn a_column_added_to_a_table_without_a_copy_is_dropped_again() {
    let then = pair();
    let mut now = then.clone();
    with_table(&mut now, &b(), |table| table.columns.insert(0, column("new", "text")));
    assert_eq!(lines(&then, &now, &[a()], &[]), ["ALTER TABLE s.b DROP COLUMN new"]);
}

#[test]
fn what_the_run_made_is_dropped_and_tables_of_it_are_named() {
    let then = pair();
    let mut now = then.clone();
    let made = ObjectKey::table("s", "made");
    now.objects.insert(made.clone(), object(Definition::Table(Box::new(table(&[("id", "integer")]))), &[]));
    let scope = Scope { changed: [made.clone()].into(), ..Scope::default() };
    let script = script(&then, &now, &scope).unwrap_or_default();
    assert_eq!(script.actions, [Action::Sql { sql: "DROP TABLE \"s\".\"made\"".to_owned(), object: made.clone() }]);
    assert_eq!(script.dropped_tables, BTreeSet::from([made]));
}

#[test]
fn differences_out_of_scope_are_left_alone() {
    let then = pair();
    let mut now = then.clone();
    with_table(&mut now, &b(), |table| table.columns.clear());
    let written = script(&then, &now, &Scope::default()).unwrap_or_default();
    assert_eq!((written.actions, written.left_alone), (Vec::new(), BTreeSet::from([b()])));
}

fn why(then: &Snapshot, now: &Snapshot, covered: &[ObjectKey]) -> Vec<String> {
    let scope = Scope {
        covered: covered.iter().cloned().collect(),
        changed: diff(then, now).into_iter().map(|change| change.object).collect(),
        reload: BTreeSet::new(),
    };
    let problems = script(then, now, &scope).err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.object, problem.why)).collect()
}

#[test]
fn a_table_without_a_copy_can_be_neither_dropped_nor_made() {
    let then = pair();
    let mut now = then.clone();
    with_table(&mut now, &a(), |table| table.columns[0].data_type = "uuid".to_owned());
    assert_eq!(why(&then, &now, &[b()]), ["table s.a: must be made anew, and its rows have no copy"]);
    now.objects.retain(|key, _| *key != a() && key.of.as_deref() != Some("a"));
    assert_eq!(why(&then, &now, &[b()]), ["table s.a: was dropped, and its rows have no copy"]);
}

#[test]
fn other_kinds_and_unmodelled_tables_are_refused() {
    let mut then = pair();
    let other = ObjectKey::new(ObjectKind::Other, "materialized view", "s.m");
    let definition = Definition::Other(Fingerprinted { fingerprint: "1".to_owned(), statements: Vec::new() });
    then.objects.insert(other.clone(), object(definition, &[&a()]));
    let mut now = then.clone();
    with_table(&mut now, &a(), |table| table.columns.clear());
    assert_eq!(why(&then, &now, &[a()]), ["materialized view s.m: depends on table s.a and can't be made again"]);
    assert_eq!(obstacles(&then, &[a()].into()).len(), 1);
    assert_eq!(obstacles(&then, &[b()].into()), []);
    with_table(&mut then, &b(), |table| table.unmodelled.push("has rules".to_owned()));
    let said: Vec<String> = obstacles(&then, &[b()].into()).into_iter().map(|problem| problem.why).collect();
    assert_eq!(said, ["has rules, so it can't be made again"]);
}

#[test]
fn a_circle_is_refused_with_its_names() {
    let mut then = pair();
    let (low, high) = (ObjectKey::new(ObjectKind::View, "s", "low"), ObjectKey::new(ObjectKind::View, "s", "high"));
    if let Some(view) = then.objects.get_mut(&low) {
        view.depends_on.insert(high);
    }
    let said: Vec<String> = obstacles(&then, &[a()].into()).into_iter().map(|problem| problem.why).collect();
    assert!(
        said.iter().any(|why| why.contains("needs itself in a circle, by way of") && why.contains("view s.high")),
        "{said:?}"
    );
}
