//! Tables of others that are made of what must be made anew: a table's row type, an enum, a composite type, a domain or range of these. No
//! backup has their rows. They wait in temporary tables as texts, and come back into the table, which is made as it was. What doesn't fit its
//! type as it is again stays text, and is named.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error};

use super::{failures::statement_failed, proof::differs, savepoint::attempt};
use crate::{
    catalog::{
        Action, Column, Definition, ObjectKey, Scope, Script, Sequence, Snapshot, Table, Unrestorable, script_remaking,
    },
    drive::manifest::{Algorithm, TableContent},
    machine::{Failure, RemainingDifference},
    postgres::{
        backup::copied,
        digest::{RowSource, as_text as as_text_expression, digest, of_text},
        error_class::failure,
        event_triggers,
        expressions::reading_texts,
    },
    sql::quote::{ident, literal, qualified},
};

const FAILED: &str = "backstop::restore::failed";

/// The rows of such tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptRows(BTreeMap<ObjectKey, KeptTable>);

/// The rows of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTable {
    /// The quoted name of the temporary table.
    pub relation: String,
    /// The columns that it has, as their table is to have them again.
    pub columns: Vec<Column>,
    /// What the table held; none before it was looked at.
    content: Option<TableContent>,
}

/// The script, and the tables without a copy whose rows it needs.
///
/// # Errors
/// What stands in the way beside such tables.
pub fn script_keeping(
    then: &Snapshot,
    now: &Snapshot,
    scope: &Scope,
    remade: &BTreeSet<ObjectKey>,
) -> Result<(Script, KeptRows), Vec<Unrestorable>> {
    let problems = match script_remaking(then, now, scope, remade) {
        Ok(script) => return Ok((script, KeptRows::default())),
        Err(problems) => problems,
    };
    let kept = problems.iter().zip(1..).map(|(problem, number)| {
        let columns = kept_columns(then, now, &problem.object).filter(|_| problem.needs_copy)?;
        let relation = qualified("pg_temp", &format!("backstop_kept_{number}"));
        Some((problem.object.clone(), KeptTable { relation, columns, content: None }))
    });
    let Some(kept) = kept.collect::<Option<BTreeMap<_, _>>>() else { return Err(problems) };
    let mut wider = scope.clone();
    wider.covered.extend(kept.keys().cloned());
    Ok((script_remaking(then, now, &wider, remade)?, KeptRows(kept)))
}

/// The columns whose values have to wait; none where the table is not the same now as it is to be.
fn kept_columns(then: &Snapshot, now: &Snapshot, key: &ObjectKey) -> Option<Vec<Column>> {
    let (then, now) = (table(then, key)?, table(now, key)?);
    let is_there = |column: &&Column| {
        now.columns.iter().any(|other| (&other.name, &other.data_type) == (&column.name, &column.data_type))
    };
    let stored = then.columns.iter().filter(|column| column.generated.is_none());
    stored.map(|column| Some(column).filter(is_there).cloned()).collect()
}

/// Lets a column be text in a table and in all of its tree, in which others may have their rows by now. While rows come, tables may stand
/// below others than those that they are to be below.
async fn become_text(client: &Client, table: &ObjectKey, column: &str, then: &Snapshot) -> Result<(), Failure> {
    let above = tops(then, table, column);
    let tree = then.objects.keys().filter(|key| !tops(then, key, column).is_disjoint(&above));
    for key in tree {
        let title = qualified(&key.schema, &key.name);
        let found = client.query(include_str!("uppermost.sql"), &[&title, &column]).await;
        for row in found.map_err(|error| failure(FAILED, &error))? {
            let uppermost: String = row.try_get(0).map_err(|error| failure(FAILED, &error))?;
            let (name, value) = (ident(column), as_text_expression(column));
            let alter = format!(
                "ALTER TABLE {uppermost} ALTER COLUMN {name} DROP DEFAULT, ALTER COLUMN {name} TYPE pg_catalog.text USING {value}"
            );
            client.batch_execute(&alter).await.map_err(|error| statement_failed(&alter, key, &error))?;
        }
    }
    Ok(())
}

/// The uppermost tables that a table has a column from: with that it changes in all below.
fn tops(snapshot: &Snapshot, key: &ObjectKey, column: &str) -> BTreeSet<ObjectKey> {
    let (mut tops, mut next) = (BTreeSet::new(), vec![key]);
    while let Some(key) = next.pop() {
        let has_it =
            |above: &&ObjectKey| table(snapshot, above).is_some_and(|of| of.columns.iter().any(|c| c.name == column));
        let above: Vec<&ObjectKey> =
            table(snapshot, key).into_iter().flat_map(|of| of.lineage.parents()).filter(has_it).collect();
        if above.is_empty() {
            tops.insert(key.clone());
        }
        next.extend(above);
    }
    tops
}

fn table<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a Table> {
    match &snapshot.objects.get(key)?.definition {
        Definition::Table(found) => Some(found),
        _ => None,
    }
}

impl KeptTable {
    /// The statement that keeps the rows.
    pub fn keeping(&self, table: &ObjectKey) -> String {
        let rows = copied(&table.schema, &table.name, &self.columns);
        format!("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {rows}", self.relation)
    }

    /// The columns as the table has them by now: those that don't fit are texts.
    async fn columns_now(&self, client: &Client, table: &ObjectKey) -> Result<Vec<Column>, Error> {
        const TEXTS: &str = "SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.regclass AND a.attnum OPERATOR(pg_catalog.>) 0
              AND NOT a.attisdropped AND a.atttypid OPERATOR(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype";
        let rows = client.query(TEXTS, &[&qualified(&table.schema, &table.name)]).await?;
        let texts = rows.iter().map(|row| row.try_get(0)).collect::<Result<BTreeSet<String>, _>>()?;
        let as_it_is = |column: &Column| if texts.contains(&column.name) { as_text(column) } else { column.clone() };
        Ok(self.columns.iter().map(as_it_is).collect())
    }

    /// Lets columns of the table, which is made anew and empty, be texts where the kept values don't fit their types.
    async fn make_fit(&self, client: &Client, table: &ObjectKey, then: &Snapshot) -> Result<(), Failure> {
        let relation = &self.relation;
        for column in self.columns.iter().filter(|column| !column.builtin) {
            let name = ident(&column.name);
            let read = format!("SELECT pg_catalog.count({}) FROM {relation}", of_text(&name, &column.data_type));
            let read = async {
                let sql = reading_texts(&read, then);
                client.batch_execute(&sql).await.map_err(|error| statement_failed(&read, table, &error))
            };
            if attempt(client, read).await?.is_err() {
                become_text(client, table, &column.name, then).await?;
            }
        }
        Ok(())
    }
}

impl KeptRows {
    /// Those of a table.
    pub fn of(&self, table: &ObjectKey) -> Option<&KeptTable> {
        self.0.get(table)
    }

    /// Each with its table.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &KeptTable)> {
        self.0.iter()
    }

    /// Those that this action brings back, with their table.
    pub fn filled_by<'a>(&'a self, action: &'a Action) -> Option<(&'a ObjectKey, &'a KeptTable)> {
        match action {
            Action::Load(table) => Some((table, self.of(table)?)),
            Action::Sql { .. } | Action::Position(_) => None,
        }
    }

    /// The sequences that the columns of such tables own.
    pub fn sequences(&self, snapshot: &Snapshot) -> Vec<ObjectKey> {
        self.owned(snapshot).map(|(key, _)| key.clone()).collect()
    }

    fn owned<'a>(&'a self, snapshot: &'a Snapshot) -> impl Iterator<Item = (&'a ObjectKey, &'a Sequence)> {
        snapshot.objects.iter().filter_map(move |(key, object)| {
            let Definition::Sequence(found) = &object.definition else { return None };
            self.0.contains_key(&found.owned_by.as_ref()?.0).then_some((key, found))
        })
    }

    /// Keeps the rows, in the open transaction, which has the tables locked and its settings pinned. From then on nobody takes a number
    /// of their sequences: no LOCK takes a sequence, and what alters one keeps `nextval` out.
    ///
    /// # Errors
    /// `backstop::digest::failed`, or `backstop::restore::statement_failed`, naming the table.
    pub async fn keep(mut self, client: &Client, algorithm: Algorithm, now: &Snapshot) -> Result<Self, Failure> {
        for (key, sequence) in self.owned(now) {
            let sql = format!("ALTER SEQUENCE {} CACHE {}", qualified(&key.schema, &key.name), sequence.cache);
            event_triggers::execute_without(client, &sql).await.map_err(|error| statement_failed(&sql, key, &error))?;
        }
        for (key, kept) in &mut self.0 {
            let live = qualified(&key.schema, &key.name);
            kept.content = Some(digest(client, algorithm, &live, &kept.columns, RowSource::Live).await?);
            let sql = kept.keeping(key);
            event_triggers::execute_without(client, &sql).await.map_err(|error| statement_failed(&sql, key, &error))?;
        }
        Ok(self)
    }

    /// Lets columns of the table be texts where the kept values don't fit.
    ///
    /// # Errors
    /// What the server said to that.
    pub async fn make_fit(&self, client: &Client, table: &ObjectKey, then: &Snapshot) -> Result<(), Failure> {
        match self.of(table) {
            Some(kept) => kept.make_fit(client, table, then).await,
            None => Ok(()),
        }
    }

    /// What the table can be filled from, with the columns as it has them by now; none where its rows are in the backup.
    ///
    /// # Errors
    /// `backstop::restore::failed` where the table can't be looked up.
    pub async fn filling(&self, client: &Client, table: &ObjectKey) -> Result<Option<(&str, Vec<Column>)>, Failure> {
        let Some(kept) = self.of(table) else { return Ok(None) };
        let columns = kept.columns_now(client, table).await.map_err(|error| failure(FAILED, &error))?;
        Ok(Some((&kept.relation, columns)))
    }

    /// Proves that the tables hold what they held.
    ///
    /// # Errors
    /// `backstop::restore::differs`, or what the server said.
    pub async fn prove(&self, client: &Client, algorithm: Algorithm) -> Result<(), Failure> {
        let mut differences = Vec::new();
        for (key, kept) in &self.0 {
            let columns = kept.columns_now(client, key).await.map_err(|error| failure(FAILED, &error))?;
            let live = qualified(&key.schema, &key.name);
            if Some(digest(client, algorithm, &live, &columns, RowSource::Live).await?) != kept.content {
                differences.push(format!("{key} does not hold what others wrote to it"));
            }
        }
        if differences.is_empty() { Ok(()) } else { Err(differs(&differences)) }
    }

    /// What is text after the restore and was something else: each a difference, and none to the structure any more.
    pub fn left_as_text(&self, then: &mut Snapshot, after: &Snapshot) -> Vec<RemainingDifference> {
        let mut left = Vec::new();
        let is_own = |key: &ObjectKey, column: &str| tops(after, key, column).contains(key);
        for (key, kept) in &self.0 {
            let (Some(recorded), Some(found)) = (then.objects.get_mut(key), after.objects.get(key)) else { continue };
            let (Definition::Table(before), Definition::Table(now)) = (&mut recorded.definition, &found.definition) else {
                continue;
            };
            for column in kept.columns.iter().filter(|column| !column.builtin) {
                let is_it = |other: &&Column| other.name == column.name && other.data_type == "text";
                if let (Some(now), Some(before)) =
                    (now.columns.iter().find(is_it), before.columns.iter_mut().find(|other| other.name == column.name))
                {
                    left.extend(is_text(key, column, is_own(key, &column.name)));
                    before.clone_from(now);
                    recorded.depends_on.clone_from(&found.depends_on);
                }
            }
        }
        left
    }
}

fn as_text(column: &Column) -> Column {
    Column { data_type: "text".to_owned(), builtin: true, collation: None, ..column.clone() }
}

/// A column that is text now: none where it changes with that of a table above. A cast from text could be anybody's function, and an
/// expression that converts a column holds no query: a function of the session reads the values by the type's own input.
fn is_text(table: &ObjectKey, column: &Column, is_own: bool) -> Option<RemainingDifference> {
    const READ: &str = "pg_temp.backstop_read";
    let Column { data_type, default, .. } = column;
    let (title, name) = (qualified(&table.schema, &table.name), ident(&column.name));
    let alter = format!("ALTER TABLE {title} ALTER COLUMN {name}");
    let body = literal(&format!("SELECT {}", of_text("$1", data_type)));
    let convert = [
        format!("CREATE FUNCTION {READ}(text) RETURNS {data_type} LANGUAGE sql AS {body}"),
        format!("{alter} TYPE {data_type} USING {READ}({name})"),
        format!("DROP FUNCTION {READ}(text)"),
    ];
    let convert = convert.into_iter().filter(|_| is_own);
    let statements: Vec<String> =
        convert.chain(default.iter().map(|value| format!("{alter} SET DEFAULT {value}"))).collect();
    (!statements.is_empty()).then(|| RemainingDifference {
        object: table.clone(),
        difference: format!("column {name} is text"),
        reason: Some(format!(
            "others made the table while {data_type} was what the run had made of it, and wrote what does not fit {data_type} as it was"
        )),
        sqlstate: None,
        statements,
    })
}
