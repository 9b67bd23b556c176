//! The script's actions, one by one.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Error, error::SqlState};

use super::{
    late_names::{self, LateName},
    position::Targets,
    unproven_domains::around_load,
};
use crate::{
    catalog::{Action, Column, ObjectKey, Position},
    machine::Failure,
    postgres::{
        backup::{Manifest, TableCopy, load},
        error_class::{failure, is_connection_lost},
        expressions::set_path,
    },
    sql::quote::{literal, qualified},
};

/// Longest part of a failed statement that is shown, in characters.
const STATEMENT_SHOWN_CHARS_MAX: usize = 500;

/// Runs a script's actions.
pub struct ScriptRunner<'a> {
    /// The session, in the restore's transaction.
    pub client: &'a Client,
    /// Where rows come from.
    pub manifest: &'a Manifest,
    /// Where sequences go.
    pub targets: &'a Targets,
}

/// What an action of a script comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Complete and quoted.
    pub sql: String,
    /// What it is about.
    pub object: ObjectKey,
}

impl ScriptRunner<'_> {
    /// Runs them in order. Gives what tables could not be filled with yet, because it names objects that come later.
    ///
    /// # Errors
    /// `backstop::restore::copy_missing` or `backstop::restore::statement_failed`, naming the object.
    pub async fn run(&self, actions: Vec<&Action>) -> Result<Vec<LateName>, Failure> {
        let mut late = Vec::new();
        let mut path = "";
        for action in actions {
            let Some(statement) = statement(action, self.manifest, self.targets)? else { continue };
            let wanted = match action {
                // Names in its copy are looked up first.
                Action::Load(_) => "",
                Action::Sql { .. } | Action::Position(_) => {
                    self.manifest.paths.of_object(&statement.object, &self.manifest.snapshot)
                }
            };
            if wanted != path {
                self.execute(&set_path(wanted), &statement.object).await?;
                path = wanted;
            }
            match action {
                Action::Load(table) => late.extend(self.load(table, &statement.sql).await?),
                Action::Sql { .. } | Action::Position(_) => self.execute(&statement.sql, &statement.object).await?,
            }
        }
        if !path.is_empty() {
            self.client.batch_execute(&set_path("")).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        }
        Ok(late)
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming the object.
    pub async fn execute(&self, sql: &str, object: &ObjectKey) -> Result<(), Failure> {
        self.client.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))
    }

    async fn load(&self, table: &ObjectKey, sql: &str) -> Result<Vec<LateName>, Failure> {
        let (copy, columns) = copy_of(self.manifest, table)?;
        let copy = qualified(&self.manifest.schema, &copy.copy);
        const IS_THERE: &str = "SELECT pg_catalog.to_regclass($1::pg_catalog.text) IS NOT NULL";
        let there = self.client.query_one(IS_THERE, &[&copy]).await.and_then(|row| row.try_get(0));
        if !there.map_err(|error| statement_failed(IS_THERE, table, &error))? {
            return Err(copy_missing(table, format!("its copy {copy} is gone")));
        }
        let late = late_names::find(self.client, table, columns, &copy).await;
        let around = around_load(self.client, table).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        let with_places = (!late.is_empty()).then(|| late_names::load(table, columns, &copy, &late));
        let sql = with_places.as_deref().unwrap_or(sql);
        let under_path = format!("{}; {sql}; {}", set_path(self.manifest.paths.of(table)), set_path(""));
        let whole = around.whole(&under_path);
        self.client.batch_execute(&whole).await.map_err(|error| statement_failed(sql, table, &error))?;
        Ok(late)
    }

    /// Lets a sequence stand there.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming it.
    pub async fn set(&self, sequence: &ObjectKey, position: Position) -> Result<(), Failure> {
        self.execute(&setval(sequence, position), sequence).await
    }
}

/// The statement that an action comes to; none for a sequence of whose position nothing is known.
///
/// # Errors
/// `backstop::restore::copy_missing`, naming the table.
pub fn statement(action: &Action, manifest: &Manifest, targets: &Targets) -> Result<Option<Statement>, Failure> {
    let (sql, object) = match action {
        Action::Sql { sql, object } => (Some(sql.clone()), object),
        Action::Load(table) => {
            let (copy, columns) = copy_of(manifest, table)?;
            (Some(load(table, columns, &qualified(&manifest.schema, &copy.copy))), table)
        }
        Action::Position(sequence) => (targets.of(sequence).map(|position| setval(sequence, position)), sequence),
    };
    Ok(sql.map(|sql| Statement { sql, object: object.clone() }))
}

/// A table's copy, and the columns that it was copied with.
///
/// # Errors
/// `backstop::restore::copy_missing`, naming the table.
pub fn copy_of<'m>(manifest: &'m Manifest, table: &ObjectKey) -> Result<(&'m TableCopy, &'m [Column]), Failure> {
    let copy = manifest.tables.iter().find(|copy| copy.key() == *table);
    let found = copy.and_then(|copy| Some((copy, manifest.columns(copy)?)));
    found.ok_or_else(|| copy_missing(table, "no copy of it is in the backup".to_owned()))
}

/// The statement that lets a sequence stand there.
pub fn setval(sequence: &ObjectKey, position: Position) -> String {
    let name = literal(&qualified(&sequence.schema, &sequence.name));
    format!("SELECT pg_catalog.setval({name}, {}, {})", position.last_value, position.is_called)
}

/// How many rows each of the tables holds, as `schema.table`.
///
/// # Errors
/// The driver's.
pub async fn row_counts(client: &Client, tables: &BTreeSet<ObjectKey>) -> Result<Vec<(String, u64)>, Error> {
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        let rows = row_count(client, &qualified(&table.schema, &table.name)).await?;
        counts.push((format!("{}.{}", table.schema, table.name), rows));
    }
    Ok(counts)
}

/// A query is planned with the expressions of the table's indexes, which may be impossible under the pinned settings; COPY reads
/// the table as it lies.
async fn row_count(client: &Client, name: &str) -> Result<u64, Error> {
    client.batch_execute("SAVEPOINT backstop_count").await?;
    let counted = client.query_one(&format!("SELECT pg_catalog.count(*) FROM ONLY {name}"), &[]).await;
    match counted.and_then(|row| row.try_get::<_, i64>(0)) {
        Ok(rows) => {
            client.batch_execute("RELEASE SAVEPOINT backstop_count").await?;
            Ok(u64::try_from(rows).unwrap_or_default())
        }
        Err(error) if is_connection_lost(&error) => Err(error),
        Err(_) => {
            client.batch_execute("ROLLBACK TO SAVEPOINT backstop_count").await?;
            let rows = match lines_of_copy(client, name).await {
                // A partitioned table has none itself, and can't be copied.
                Err(error) if error.code() == Some(&SqlState::WRONG_OBJECT_TYPE) => 0,
                counted => counted?,
            };
            client.batch_execute("ROLLBACK TO SAVEPOINT backstop_count; RELEASE SAVEPOINT backstop_count").await?;
            Ok(rows)
        }
    }
}

/// A line end within a value is written as two characters.
async fn lines_of_copy(client: &Client, name: &str) -> Result<u64, Error> {
    let mut parts = Box::pin(client.copy_out(&format!("COPY {name} TO STDOUT")).await?);
    let mut lines = 0;
    while let Some(part) = parts.try_next().await? {
        lines += part.iter().filter(|byte| **byte == b'\n').count();
    }
    Ok(u64::try_from(lines).unwrap_or_default())
}

fn copy_missing(table: &ObjectKey, why: String) -> Failure {
    Failure::permanent("backstop::restore::copy_missing", format!("{table} can't be filled: {why}"))
        .hint("Nothing was changed. Look for the copy in another backup: `backstop backup list`.")
}

/// What the server said to a statement of the script.
pub fn statement_failed(sql: &str, object: &ObjectKey, error: &Error) -> Failure {
    let mut failure = failure("backstop::restore::statement_failed", error);
    failure.message = format!("{object} could not be brought back: {}", failure.message);
    let shown: String = sql.chars().take(STATEMENT_SHOWN_CHARS_MAX).collect();
    let said = failure.detail.take();
    failure.detail(said.into_iter().chain([shown]).collect::<Vec<_>>().join("\n"))
}
