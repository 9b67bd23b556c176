//! A migration, and the way back from it: by the script alone, with plain copies of the rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use backstop::{
    catalog::{
        Action, Change, Column, Comparison, Definition, Object, ObjectKey, Scope, Script, Snapshot, Unrestorable, compare,
        diff, fingerprint, script,
    },
    postgres::capture::{self, Memory, Places, Positions},
};
use tokio_postgres::Client;

use super::server::Database;
use crate::support::pg_dump_schema;

/// What `pg_dump` says nothing of, asked in other words than the program's.
const FACTS: &str = include_str!("facts.sql");

/// Materialized views that hold other rows than their queries give: filled again they are fresh.
const STALE: [&str; 1] = ["stale"];

/// The schema that holds the copies.
const COPIES: &str = "bk";

/// A database as it was, with copies of all its tables.
pub struct Backup {
    pub then: Snapshot,
    places: Places,
    fingerprint: String,
    pub covered: BTreeSet<ObjectKey>,
    copies: BTreeMap<ObjectKey, String>,
    positions: Positions,
    rows: BTreeMap<ObjectKey, String>,
    facts: Vec<String>,
    dump: String,
    /// What is prepared in the one session that restores.
    memory: Memory,
}

/// What a way back was like.
pub struct Return {
    pub script: Script,
    pub comparison: Comparison,
}

/// Why there was none.
pub enum NoWayBack {
    /// It was said before anything was touched.
    Refused(Vec<Unrestorable>),
    /// A statement failed on the way, and with it all of it.
    Stuck(String),
}

fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn named(key: &ObjectKey) -> String {
    format!("{}.{}", ident(&key.schema), ident(&key.name))
}

pub async fn snapshot(client: &Client) -> Snapshot {
    capture::snapshot(client, &[COPIES.to_owned()]).await.expect("a snapshot")
}

async fn located_again(client: &Client, memory: &Memory) -> (Snapshot, Places) {
    let (snapshot, places) = capture::located_again(client, &[COPIES.to_owned()], memory).await.expect("a snapshot");
    (Arc::unwrap_or_clone(snapshot), places)
}

fn columns(snapshot: &Snapshot, table: &ObjectKey) -> Vec<Column> {
    match &snapshot.objects[table].definition {
        Definition::Table(table) => table.columns.clone(),
        other => panic!("{other:?}"),
    }
}

/// The materialized views that can be read.
fn populated(snapshot: &Snapshot) -> BTreeSet<ObjectKey> {
    let is_populated = |object: &Object| match &object.definition {
        Definition::MaterializedView(view) => view.populated,
        _ => false,
    };
    snapshot.objects.iter().filter(|(_, object)| is_populated(object)).map(|(key, _)| key.clone()).collect()
}

fn was_filled(back: &Return, view: &ObjectKey) -> bool {
    let refreshes =
        |action: &Action| matches!(action, Action::Sql { sql, object } if object == view && sql.starts_with("REFRESH"));
    back.script.actions.iter().any(refreshes)
}

async fn facts(client: &Client) -> Vec<String> {
    let rows = client.query(FACTS, &[&COPIES]).await.expect("facts");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Whether the table hides rows from its owner, who then may not read it with row security off.
fn forces(snapshot: &Snapshot, table: &ObjectKey) -> bool {
    matches!(&snapshot.objects[table].definition, Definition::Table(table) if table.force_row_security)
}

/// What tables and views hold, in one question.
async fn rows<'k>(client: &Client, tables: impl IntoIterator<Item = &'k ObjectKey>) -> BTreeMap<ObjectKey, String> {
    let tables: Vec<&ObjectKey> = tables.into_iter().collect();
    let one = |(place, table): (usize, &&ObjectKey)| {
        format!(
            "SELECT {place}, count(*) || ' ' || coalesce(md5(string_agg(row, ' ' ORDER BY row COLLATE \"C\")), '') \
             FROM (SELECT t::text AS row FROM ONLY {} AS t) AS rows",
            named(table)
        )
    };
    let all: Vec<String> = tables.iter().enumerate().map(one).collect();
    if all.is_empty() {
        return BTreeMap::new();
    }
    let rows = client.query(&all.join(" UNION ALL "), &[]).await.expect("rows");
    let key = |place: i32| tables[usize::try_from(place).expect("a place")].clone();
    rows.iter().map(|row| (key(row.get(0)), row.get(1))).collect()
}

impl Backup {
    pub async fn take(database: &Database, covered: impl Fn(&ObjectKey) -> bool) -> Backup {
        let client = &database.client;
        client.batch_execute(&format!("SET search_path = ''; CREATE SCHEMA {COPIES}")).await.unwrap();
        let memory = Memory::default();
        let (then, places) = located_again(client, &memory).await;
        let tables: Vec<ObjectKey> = then
            .objects
            .iter()
            .filter(|(_, object)| matches!(&object.definition, Definition::Table(_)))
            .map(|(key, _)| key.clone())
            .collect();
        let covered: BTreeSet<ObjectKey> = tables.iter().filter(|key| covered(key)).cloned().collect();
        let mut copies = BTreeMap::new();
        let all_rows = rows(client, tables.iter().chain(&populated(&then))).await;
        let facts = facts(client).await;
        for (number, table) in tables.iter().enumerate() {
            if !covered.contains(table) {
                continue;
            }
            let list: Vec<String> = columns(&then, table)
                .iter()
                .map(|column| {
                    let name = ident(&column.name);
                    let value = if column.builtin { name.clone() } else { format!("{name}::text") };
                    let is_plain = column.builtin && column.collation.is_none();
                    if is_plain { name } else { format!("({value}) COLLATE pg_catalog.\"default\" AS {name}") }
                })
                .collect();
            let copy = format!("{COPIES}.copy_{number}");
            let select = format!("CREATE TABLE {copy} AS SELECT {} FROM ONLY {}", list.join(", "), named(table));
            client.batch_execute(&select).await.unwrap_or_else(|error| panic!("{select}: {error:?}"));
            copies.insert(table.clone(), copy);
        }
        let sequences: Vec<ObjectKey> = then.objects.keys().cloned().collect();
        let positions = capture::positions(client, &sequences).await.expect("positions");
        Backup {
            memory,
            fingerprint: fingerprint(&then),
            then,
            places,
            covered,
            copies,
            positions,
            rows: all_rows,
            facts,
            dump: dump(database),
        }
    }

    /// The scope of a restore now: everything that differs, and the tables of the same shape whose rows do.
    pub async fn scope(&self, client: &Client, now: &Snapshot) -> Scope {
        let changed: BTreeSet<ObjectKey> = diff(&self.then, now).into_iter().map(|change| change.object).collect();
        let names = |snapshot: &Snapshot, table: &ObjectKey| -> Vec<String> {
            columns(snapshot, table).into_iter().map(|column| column.name).collect()
        };
        let there = self.covered.iter().filter(|table| now.objects.contains_key(*table));
        let (readable, mut reload): (BTreeSet<ObjectKey>, BTreeSet<ObjectKey>) = there.cloned().partition(|table| {
            names(now, table) == names(&self.then, table) && (!forces(now, table) || forces(&self.then, table))
        });
        let views: BTreeSet<ObjectKey> = populated(&self.then).intersection(&populated(now)).cloned().collect();
        let found = rows(client, readable.iter().chain(&views)).await;
        reload.extend(found.into_iter().filter(|(key, rows)| self.rows.get(key) != Some(rows)).map(|(key, _)| key));
        Scope { covered: self.covered.clone(), changed, reload }
    }

    /// Goes back, and proves it.
    pub async fn restore(&self, database: &Database) -> Result<Return, Vec<Unrestorable>> {
        let client = &database.client;
        client.batch_execute("BEGIN").await.unwrap();
        let back = match self.lead_back(client, located_again(client, &self.memory).await.0).await {
            Ok(back) => back,
            Err(NoWayBack::Refused(problems)) => return Err(problems),
            Err(NoWayBack::Stuck(why)) => panic!("{why}"),
        };
        if std::env::var("BACKSTOP_TEST_SHOW").is_ok() {
            for action in &back.script.actions {
                println!("{}", shown(action));
            }
        }
        client.batch_execute("COMMIT").await.unwrap();
        Ok(back)
    }

    /// Goes back in the open transaction, which also made the changes, and compares. Nothing of what it did may be taken for the work
    /// of another session.
    pub async fn restore_in(&self, client: &Client) -> Result<Return, NoWayBack> {
        let (now, places) = located_again(client, &self.memory).await;
        let changes = diff(&self.then, &now);
        let own = capture::own_changes(client, (&self.then, &self.places), (&now, &places), changes.clone());
        let own = own.await.expect("own changes");
        let lost: Vec<&Change> = changes.iter().filter(|change| !own.contains(change)).collect();
        if !lost.is_empty() {
            return Err(NoWayBack::Stuck(format!("taken for the work of others: {lost:#?}")));
        }
        self.lead_back(client, now).await
    }

    /// Goes back in an open transaction, and compares.
    async fn lead_back(&self, client: &Client, now: Snapshot) -> Result<Return, NoWayBack> {
        client
            .batch_execute(&format!(
                "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL check_function_bodies = off; SET LOCAL row_security = off;\n{}",
                capture::PINS
            ))
            .await
            .map_err(|error| NoWayBack::Stuck(format!("{:?}", error.as_db_error())))?;
        let scope = self.scope(client, &now).await;
        let script = script(&self.then, &now, &scope).map_err(NoWayBack::Refused)?;
        for action in &script.actions {
            self.act(client, action).await.map_err(NoWayBack::Stuck)?;
        }
        client
            .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
            .await
            .map_err(|error| NoWayBack::Stuck(format!("{:?}", error.as_db_error())))?;
        let after = located_again(client, &self.memory).await.0;
        let comparison = compare(&self.then, &after, &script);
        if comparison.differences.is_empty() && comparison.respelled.is_empty() {
            assert_eq!(self.fingerprint, fingerprint(&after));
        }
        Ok(Return { script, comparison })
    }

    async fn act(&self, client: &Client, action: &Action) -> Result<(), String> {
        let (sql, object) = match action {
            Action::Sql { sql, object } => (sql.clone(), object),
            Action::Load(table) => (self.load(table), table),
            Action::Position(sequence) => {
                let position = self.positions[sequence];
                let name = named(sequence).replace('\'', "''");
                (format!("SELECT setval('{name}', {}, {})", position.last_value, position.is_called), sequence)
            }
        };
        let done = client.batch_execute(&sql).await;
        done.map_err(|error| {
            format!("{object}: {:?}\n{sql}", error.as_db_error().map(|error| (error.code(), error.message())))
        })
    }

    fn load(&self, table: &ObjectKey) -> String {
        let columns: Vec<Column> =
            columns(&self.then, table).into_iter().filter(|column| column.generated.is_none()).collect();
        let into: Vec<String> = columns.iter().map(|column| ident(&column.name)).collect();
        let from: Vec<String> = columns
            .iter()
            .map(|column| {
                let name = ident(&column.name);
                if column.builtin { name } else { format!("{name}::{}", column.data_type) }
            })
            .collect();
        let (name, copy) = (named(table), &self.copies[table]);
        if columns.is_empty() {
            format!("INSERT INTO {name} SELECT FROM {copy}")
        } else {
            let (into, from) = (into.join(", "), from.join(", "));
            format!("INSERT INTO {name} ({into}) OVERRIDING SYSTEM VALUE SELECT {from} FROM {copy}")
        }
    }

    /// The tables, and materialized views that were not filled again, whose rows are not what they were; and the sequences that
    /// stand elsewhere.
    pub async fn moved(&self, client: &Client, back: &Return) -> Vec<String> {
        let mut found = Vec::new();
        let after = rows(client, self.rows.keys()).await;
        for (table, before) in &self.rows {
            let is_fresh = STALE.contains(&table.name.as_str()) && was_filled(back, table);
            if !is_fresh && after.get(table) != Some(before) {
                found.push(format!("rows of {table}"));
            }
        }
        let sequences: Vec<ObjectKey> = self.positions.keys().cloned().collect();
        let positions = capture::positions(client, &sequences).await.expect("positions");
        for (sequence, position) in &self.positions {
            let is_set = back.script.actions.contains(&Action::Position(sequence.clone()));
            if is_set && positions.get(sequence) != Some(position) {
                found.push(format!("position of {sequence}"));
            }
        }
        found
    }

    /// Everything is as it was: the structure as `pg_dump` prints it, the rows, the positions.
    pub async fn assert_back(&self, name: &str, database: &Database, back: &Return) {
        assert!(back.comparison.differences.is_empty(), "{name}: {:#?}", back.comparison.differences);
        let client = &database.client;
        let after = dump(database);
        if back.comparison.respelled.is_empty() {
            assert_same(name, &self.dump, &after);
        } else {
            assert_same(name, &plain(&self.dump), &plain(&after));
        }
        assert_same(name, &self.facts.join("\n"), &facts(client).await.join("\n"));
        let found = rows(client, self.rows.keys()).await;
        for (table, before) in &self.rows {
            if STALE.contains(&table.name.as_str()) && was_filled(back, table) {
                continue;
            }
            assert_eq!(found.get(table), Some(before), "{name}: {table}");
        }
        let sequences: Vec<ObjectKey> = self.positions.keys().cloned().collect();
        assert_eq!(capture::positions(client, &sequences).await.unwrap(), self.positions, "{name}");
    }
}

fn shown(action: &Action) -> String {
    match action {
        Action::Sql { sql, .. } => format!("{sql};"),
        Action::Load(table) => format!("-- load {table}"),
        Action::Position(sequence) => format!("-- position of {sequence}"),
    }
}

/// The dump without the copies.
fn dump(database: &Database) -> String {
    pg_dump_schema(&database.url, &["--exclude-schema", COPIES])
}

/// Without what a server changes when it reads its own text again: casts between texts, and parentheses.
fn plain(dump: &str) -> String {
    let mut text = dump.to_owned();
    for word in ["::text", "::character varying", "[]", "(", ")"] {
        text = text.replace(word, "");
    }
    text
}

fn assert_same(name: &str, before: &str, after: &str) {
    if before == after {
        return;
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let gone: Vec<&&str> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<&&str> = after.iter().filter(|line| !before.contains(line)).collect();
    panic!("{name}: pg_dump differs\nbefore: {gone:#?}\nafter: {new:#?}");
}
