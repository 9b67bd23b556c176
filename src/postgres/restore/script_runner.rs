//! The script's actions, one by one.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Error, error::SqlState};

use super::{
    failures::{copy_gone, copy_missing, statement_failed},
    kept_rows::KeptRows,
    late_names::{self, LateName},
    position::{SequenceTargets, setval},
    unproven_domains::around_load,
};
use crate::{
    catalog::{Action, Column, ObjectKey, ObjectKind, SequencePosition},
    drive::{
        ExpressionPaths,
        manifest::{Manifest, TableCopy},
    },
    machine::Failure,
    postgres::{
        backup::{OpenCopy, Store},
        digest::copied_as_text,
        error_class::{failure, is_connection_lost},
        expressions::{reading_texts, safe_paths, set_path},
    },
    sql::quote::qualified,
};

/// Runs a script's actions.
pub struct ScriptRunner<'a> {
    /// The session, in the restore's transaction.
    pub client: &'a Client,
    /// What the copies of rows are called, and under which paths tables are filled.
    pub manifest: &'a Manifest,
    store: &'a Store,
    targets: &'a SequenceTargets,
    /// Rows that no backup has, of tables that are made anew.
    kept: Option<&'a KeptRows>,
    /// What becomes of that which needs what is dropped, and which no snapshot has.
    drops: DropBehavior,
    /// As they are safe since the last change of a schema; none where they are to be asked for.
    paths: Mutex<Option<Arc<ExpressionPaths>>>,
}

/// How what is dropped is dropped. All that a snapshot has and that needs it goes before it, and is missed by the proof where it goes
/// along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropBehavior {
    /// Not while anything needs it.
    Restrict,
    /// With temporary objects that need it, of whatever session.
    Cascade,
}

impl DropBehavior {
    fn applied(self, sql: &str) -> String {
        let drops = sql.starts_with("DROP ") || sql.starts_with("ALTER ") && sql.contains(" DROP CONSTRAINT ");
        let drops = drops || sql.starts_with("ALTER TABLE ") && sql.contains(" DROP COLUMN ");
        let takes_no_more = sql.ends_with(" CASCADE") || sql.starts_with("DROP USER MAPPING ");
        if self == DropBehavior::Cascade && drops && !takes_no_more { format!("{sql} CASCADE") } else { sql.to_owned() }
    }
}

impl<'a> ScriptRunner<'a> {
    /// In this session, which is in the restore's transaction: from where the rows are, to where sequences go.
    pub fn new(client: &'a Client, manifest: &'a Manifest, store: &'a Store, targets: &'a SequenceTargets) -> Self {
        ScriptRunner { client, manifest, store, targets, kept: None, drops: DropBehavior::Restrict, paths: Mutex::default() }
    }

    /// With these rows beside those of the copies.
    pub fn keeping(self, kept: &'a KeptRows) -> Self {
        ScriptRunner { kept: Some(kept), ..self }
    }

    /// With what is dropped, this becomes of what needs it.
    pub fn dropping(self, drops: DropBehavior) -> Self {
        ScriptRunner { drops, ..self }
    }

    /// Runs them in order. Gives what tables could not be filled with yet, because it names objects that come later.
    ///
    /// # Errors
    /// `backstop::restore::copy_missing` or `backstop::restore::statement_failed`, naming the object.
    pub async fn run(&self, actions: Vec<&Action>) -> Result<Vec<LateName>, Failure> {
        let mut late = Vec::new();
        let mut path = String::new();
        for action in actions {
            let (Action::Sql { object, .. } | Action::Load(object) | Action::Position(object)) = action;
            let wanted = match action {
                // Names in its copy are looked up first.
                Action::Load(_) => String::new(),
                Action::Sql { .. } | Action::Position(_) => {
                    self.safe_paths().await?.of_object(object, &self.manifest.snapshot).to_owned()
                }
            };
            if wanted != path {
                self.execute(&set_path(&wanted), object).await?;
                path = wanted;
            }
            match action {
                Action::Load(table) => {
                    let under = self.safe_paths().await?.of(table).to_owned();
                    late.extend(self.load(table, &under).await?);
                }
                Action::Sql { sql, object } => self.execute(sql, object).await?,
                Action::Position(sequence) => {
                    if let Some(position) = self.targets.of(sequence) {
                        self.set(sequence, position).await?;
                    }
                }
            }
            if object.kind == ObjectKind::Schema {
                *self.known_paths() = None;
            }
        }
        if !path.is_empty() {
            self.client.batch_execute(&set_path("")).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        }
        Ok(late)
    }

    /// The paths as they are safe now: schemas may be there again, or closed again, that were not when the restore began.
    async fn safe_paths(&self) -> Result<Arc<ExpressionPaths>, Failure> {
        if let Some(paths) = self.known_paths().clone() {
            return Ok(paths);
        }
        let asked = safe_paths(self.client, self.manifest).await;
        let paths = Arc::new(asked.map_err(|error| failure("backstop::restore::failed", &error))?);
        *self.known_paths() = Some(Arc::clone(&paths));
        Ok(paths)
    }

    fn known_paths(&self) -> MutexGuard<'_, Option<Arc<ExpressionPaths>>> {
        // What is kept is whole whatever happened to the work that kept it.
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming the object.
    pub async fn execute(&self, sql: &str, object: &ObjectKey) -> Result<(), Failure> {
        let sql = &self.drops.applied(sql);
        self.client.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))
    }

    async fn load(&self, table: &ObjectKey, path: &str) -> Result<Vec<LateName>, Failure> {
        if let Some(kept) = self.kept
            && let Some((relation, columns)) = kept.filling(self.client, table).await?
        {
            return self.fill(table, &columns, relation, path).await;
        }
        let (copy, columns) = copy_of(self.manifest, table)?;
        let opened = OpenCopy::open(self.store, self.client, self.manifest.copy_id(copy), columns).await?;
        let opened = opened.ok_or_else(|| copy_gone(self.manifest, copy))?;
        let late = self.fill(table, columns, &opened.relation, path).await?;
        opened.close(self.client).await?;
        Ok(late)
    }

    /// Lets a table that is made anew, and whose rows no backup has, have columns in which they fit.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming the table.
    pub async fn make_fit(&self, table: &ObjectKey) -> Result<(), Failure> {
        match self.kept {
            Some(kept) => kept.make_fit(self.client, table, &self.manifest.snapshot).await,
            None => Ok(()),
        }
    }

    async fn fill(&self, table: &ObjectKey, columns: &[Column], from: &str, path: &str) -> Result<Vec<LateName>, Failure> {
        let late = late_names::find(self.client, table, columns, from).await;
        let around = around_load(self.client, table).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        let sql = late_names::load(table, columns, from, &late);
        let texts = columns.iter().any(copied_as_text);
        let fill = if texts { reading_texts(&sql, &self.manifest.snapshot) } else { sql.clone() };
        let under_path = format!("{}; {fill}; {}", set_path(path), set_path(""));
        let whole = around.whole(&under_path);
        self.client.batch_execute(&whole).await.map_err(|error| statement_failed(&sql, table, &error))?;
        Ok(late.into_iter().filter(LateName::is_due).collect())
    }

    /// Where a sequence is to stand; none where nothing is known.
    pub fn target_of(&self, sequence: &ObjectKey) -> Option<SequencePosition> {
        self.targets.of(sequence)
    }

    /// Lets a sequence stand there.
    ///
    /// # Errors
    /// `backstop::restore::statement_failed`, naming it.
    pub async fn set(&self, sequence: &ObjectKey, position: SequencePosition) -> Result<(), Failure> {
        self.execute(&setval(sequence, position), sequence).await
    }
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

/// How many rows each of the tables holds, as `schema.table`.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
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
