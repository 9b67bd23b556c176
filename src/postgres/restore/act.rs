//! The script's actions, one by one.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error, error::SqlState};

use super::position::Targets;
use crate::{
    catalog::{Action, ObjectKey, Position, Script},
    machine::Failure,
    postgres::{
        backup::{Manifest, load},
        fault::failure,
    },
    sql::quote::{literal, qualified},
};

/// Longest part of a failed statement that is shown, in characters.
const STATEMENT_SHOWN_CHARS_MAX: usize = 500;

/// Runs a script.
pub struct Actor<'a> {
    /// The session, in the restore's transaction.
    pub client: &'a Client,
    /// Where rows come from.
    pub manifest: &'a Manifest,
    /// Where sequences go.
    pub targets: &'a Targets,
}

impl Actor<'_> {
    /// Runs all actions in order.
    ///
    /// # Errors
    /// `backstop::restore::copy_missing` or `backstop::restore::statement_failed`, naming the object.
    pub async fn run(&self, script: &Script) -> Result<(), Failure> {
        for action in &script.actions {
            match action {
                Action::Sql { sql, object } => self.execute(sql, object).await?,
                Action::Load(table) => self.load(table).await?,
                Action::Position(sequence) => self.position(sequence).await?,
            }
        }
        Ok(())
    }

    async fn execute(&self, sql: &str, object: &ObjectKey) -> Result<(), Failure> {
        self.client.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))
    }

    async fn load(&self, table: &ObjectKey) -> Result<(), Failure> {
        let copy = self.manifest.tables.iter().find(|copy| copy.key() == *table);
        let Some((copy, columns)) = copy.and_then(|copy| Some((copy, self.manifest.columns(copy)?))) else {
            return Err(copy_missing(table, "no copy of it is in the backup".to_owned()));
        };
        let sql = load(&copy.key(), columns, &qualified(&self.manifest.schema, &copy.copy));
        self.client.batch_execute(&sql).await.map_err(|error| {
            let gone = error.code() == Some(&SqlState::UNDEFINED_TABLE);
            match gone {
                true => copy_missing(table, format!("{}.{} is gone", self.manifest.schema, copy.copy)),
                false => statement_failed(&sql, table, &error),
            }
        })
    }

    async fn position(&self, sequence: &ObjectKey) -> Result<(), Failure> {
        match self.targets.of(sequence) {
            Some(position) => self.set(sequence, position).await,
            None => Ok(()),
        }
    }

    /// Lets a sequence stand there.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming it.
    pub async fn set(&self, sequence: &ObjectKey, position: Position) -> Result<(), Failure> {
        let name = literal(&qualified(&sequence.schema, &sequence.name));
        let sql = format!("SELECT pg_catalog.setval({name}, {}, {})", position.last_value, position.is_called);
        self.execute(&sql, sequence).await
    }
}

/// How many rows each of the tables holds, as `schema.table`.
///
/// # Errors
/// The driver's.
pub async fn row_counts(client: &Client, tables: &BTreeSet<ObjectKey>) -> Result<Vec<(String, u64)>, Error> {
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = format!("SELECT count(*) FROM ONLY {}", qualified(&table.schema, &table.name));
        let rows: i64 = client.query_one(&sql, &[]).await?.try_get(0)?;
        counts.push((format!("{}.{}", table.schema, table.name), u64::try_from(rows).unwrap_or_default()));
    }
    Ok(counts)
}

fn copy_missing(table: &ObjectKey, why: String) -> Failure {
    Failure::permanent("backstop::restore::copy_missing", format!("{table} can't be filled: {why}"))
        .hint("Nothing was changed. Look for the copy in another backup: `backstop backup list`.")
}

fn statement_failed(sql: &str, object: &ObjectKey, error: &Error) -> Failure {
    let mut failure = failure("backstop::restore::statement_failed", error);
    failure.message = format!("{object} could not be brought back: {}", failure.message);
    let shown: String = sql.chars().take(STATEMENT_SHOWN_CHARS_MAX).collect();
    let said = failure.detail.take();
    failure.detail(said.into_iter().chain([shown]).collect::<Vec<_>>().join("\n"))
}
