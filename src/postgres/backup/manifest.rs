//! What is written down of a backup.

use std::borrow::Cow;

use tokio_postgres::{Client, Error};

use super::view::{ViewContent, recorded_views};
use crate::{
    catalog::{Column, Definition, Kind, ObjectKey, Position, Snapshot, materialized_over},
    machine::Failure,
    postgres::{
        capture::Positions,
        digest::{Algorithm, Content},
        error_class::failure,
        expressions::{Paths, still_safe},
        ownership,
    },
};

/// The manifest's tables; can be run again and again.
pub const SCHEMA: &str = include_str!("schema.sql");

/// A copied table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCopy {
    /// The table's schema.
    pub schema: String,
    /// The table's name.
    pub name: String,
    /// The copy's name in the backup's schema.
    pub copy: String,
    /// Size of the copy in bytes.
    pub bytes: u64,
    /// What the table held.
    pub content: Content,
    /// The `search_path` under which what hangs on the table can be evaluated, as SET takes it; nothing for an empty one.
    pub path: String,
}

impl TableCopy {
    /// The table.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::table(&self.schema, &self.name)
    }

    /// `schema.table`
    pub fn title(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// A complete backup.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Its id: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    pub id: String,
    /// The schema of the copies.
    pub schema: String,
    /// The plan that it was taken for.
    pub plan: String,
    /// The run that took it.
    pub run: Option<String>,
    /// The moment that the copies show, as `pg_current_snapshot()` has it.
    pub moment: Option<String>,
    /// How rows were digested.
    pub algorithm: Algorithm,
    /// The structure of the database.
    pub snapshot: Snapshot,
    /// Its fingerprint, hex.
    pub fingerprint: String,
    /// The copies, by schema and name.
    pub tables: Vec<TableCopy>,
    /// Where sequences stood.
    pub positions: Positions,
    /// What the materialized views over the copied tables held, as far as the role could read them.
    pub views: Vec<ViewContent>,
    /// Under which paths what hangs on tables and materialized views can be evaluated.
    pub paths: Paths,
}

impl Manifest {
    /// The columns of a copied table, as the backup's catalog has them.
    pub fn columns(&self, table: &TableCopy) -> Option<&[Column]> {
        match &self.snapshot.objects.get(&table.key())?.definition {
            Definition::Table(found) => Some(&found.columns),
            _ => None,
        }
    }

    /// The same backup with these of its tables alone, given as `schema.table`; with all of them where none is given.
    ///
    /// # Errors
    /// `backstop::backup::no_such_table` where one of them is not in it.
    pub fn only(&self, tables: &[String]) -> Result<Cow<'_, Manifest>, Failure> {
        if tables.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        if let Some(unknown) = tables.iter().find(|name| self.tables.iter().all(|table| table.title() != **name)) {
            let titles: Vec<String> = self.tables.iter().map(TableCopy::title).collect();
            let message = format!("the backup {} does not hold {unknown}", self.id);
            return Err(Failure::permanent("backstop::backup::no_such_table", message)
                .hint(format!("It holds {}.", titles.join(", "))));
        }
        let kept: Vec<TableCopy> = self.tables.iter().filter(|table| tables.contains(&table.title())).cloned().collect();
        let over = materialized_over(&self.snapshot, &kept.iter().map(TableCopy::key).collect());
        let views = self.views.iter().filter(|view| over.contains(&view.key())).cloned().collect();
        Ok(Cow::Owned(Manifest { tables: kept, views, ..self.clone() }))
    }
}

const NOT_READ: &str = "backstop::backup::not_read";

/// Reads a backup's manifest.
///
/// # Errors
/// `backstop::backup::unknown` where there is none with this id; `incomplete` where it was never finished;
/// `newer_program` where a later program wrote it; `not_read` with what the server said; or as
/// [`ownership::refuse_foreign`].
pub async fn read(client: &Client, id: &str) -> Result<Manifest, Failure> {
    const LOOK: &str = "SELECT schema_name, plan, run, status, algorithm, fingerprint, catalog, moment::text, \
                        search_paths \
                        FROM backstop.backups WHERE id = $1";
    let failed = |error: Error| failure(NOT_READ, &error);
    let Some(row) = client.query_opt(LOOK, &[&id]).await.map_err(failed)? else {
        return Err(Failure::permanent("backstop::backup::unknown", format!("there is no backup {id}"))
            .hint("`backstop backup list` shows those that there are."));
    };
    if row.try_get::<_, &str>(3).map_err(failed)? != "complete" {
        return Err(Failure::permanent("backstop::backup::incomplete", format!("the backup {id} was never finished"))
            .hint("Choose a complete one from `backstop backup list`."));
    }
    let schema: String = row.try_get(0).map_err(failed)?;
    ownership::refuse_foreign(client, &[&schema]).await?;
    let algorithm: &str = row.try_get(4).map_err(failed)?;
    let algorithm = Algorithm::named(algorithm).ok_or_else(|| newer(id, &format!("digests of kind {algorithm}")))?;
    let catalog: serde_json::Value = row.try_get(6).map_err(failed)?;
    let snapshot = serde_json::from_value(catalog).map_err(|error| newer(id, &format!("its catalog: {error}")))?;
    let tables = tables(client, id).await.map_err(failed)?;
    let views = recorded_views(client, id).await.map_err(failed)?;
    let others = row.try_get::<_, Option<Vec<String>>>(8).map_err(failed)?.unwrap_or_default();
    let paths = recorded_paths(&tables, &views, others);
    let keys: Vec<ObjectKey> = tables.iter().map(TableCopy::key).collect();
    let paths = still_safe(client, &paths, &snapshot, &keys).await.map_err(failed)?;
    Ok(Manifest {
        id: id.to_owned(),
        schema,
        plan: row.try_get(1).map_err(failed)?,
        run: row.try_get(2).map_err(failed)?,
        moment: row.try_get(7).map_err(failed)?,
        algorithm,
        snapshot,
        fingerprint: row.try_get(5).map_err(failed)?,
        positions: positions(client, id).await.map_err(failed)?,
        paths,
        tables,
        views,
    })
}

/// The id of the newest complete backup, of one plan or of all.
///
/// # Errors
/// `backstop::backup::unknown` where there is none; `not_read` with what the server said.
pub async fn newest_complete(client: &Client, plan: Option<&str>) -> Result<String, Failure> {
    const NEWEST: &str = "SELECT id FROM backstop.backups \
                          WHERE status = 'complete' AND ($1::pg_catalog.text IS NULL OR plan = $1) \
                          ORDER BY created_at DESC, id DESC LIMIT 1";
    let failed = |error: Error| failure(NOT_READ, &error);
    match client.query_opt(NEWEST, &[&plan]).await.map_err(failed)? {
        Some(row) => row.try_get(0).map_err(failed),
        None => Err(Failure::permanent("backstop::backup::unknown", "there is no complete backup")
            .hint("Take one with `backstop backup create PLAN`.")),
    }
}

fn newer(id: &str, what: &str) -> Failure {
    Failure::permanent("backstop::backup::newer_program", format!("the backup {id} is not understood: {what}"))
        .hint("Use the backstop that took it, or a newer one.")
}

fn recorded_paths(tables: &[TableCopy], views: &[ViewContent], others: Vec<String>) -> Paths {
    let of_tables = tables.iter().map(|table| (table.key(), &table.path));
    let of_views = views.iter().map(|view| (view.key(), &view.path));
    let of = of_tables.chain(of_views).filter(|(_, path)| !path.is_empty()).map(|(key, path)| (key, path.clone())).collect();
    Paths { of, others, ..Paths::default() }
}

/// The copies that the manifest names, complete or not.
pub(super) async fn tables(client: &Client, id: &str) -> Result<Vec<TableCopy>, Error> {
    const LOOK: &str = "SELECT schema_name, table_name, copy_name, row_count, bytes, digest, coalesce(search_path, '') \
                        FROM backstop.backup_tables WHERE backup = $1 ORDER BY 1, 2";
    let table = |row: &tokio_postgres::Row| {
        Ok(TableCopy {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
            copy: row.try_get(2)?,
            bytes: u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or_default(),
            content: Content { rows: u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or_default(), digest: row.try_get(5)? },
            path: row.try_get(6)?,
        })
    };
    client.query(LOOK, &[&id]).await?.iter().map(table).collect()
}

async fn positions(client: &Client, id: &str) -> Result<Positions, Error> {
    const LOOK: &str = "SELECT schema_name, sequence_name, last_value, is_called \
                        FROM backstop.backup_sequences WHERE backup = $1";
    let position = |row: &tokio_postgres::Row| {
        let key = ObjectKey::new(Kind::Sequence, row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        Ok((key, Position { last_value: row.try_get(2)?, is_called: row.try_get(3)? }))
    };
    client.query(LOOK, &[&id]).await?.iter().map(position).collect()
}
