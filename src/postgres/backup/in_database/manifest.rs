//! Manifests, read from the journal's schema.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error, Row};

use crate::{
    catalog::{ObjectKey, ObjectKind, SequencePosition},
    drive::{
        ExpressionPaths,
        backups::{BackupStatus, StoredBackup},
        manifest::{Algorithm, Manifest, TableContent, TableCopy, ViewContent},
    },
    machine::Failure,
    postgres::{error_class::failure, ownership},
};

/// The manifest's tables; can be run again and again.
pub const SCHEMA: &str = include_str!("schema.sql");

const NOT_READ: &str = "backstop::backup::not_read";

/// Reads a backup's manifest.
///
/// # Errors
/// `backstop::backup::unknown` where there is none with this id; `incomplete` where it was never finished;
/// `newer_program` where a later program wrote it; `not_read` with what the server said; or as
/// [`ownership::refuse_foreign`].
pub async fn manifest(client: &Client, id: &str) -> Result<Manifest, Failure> {
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
    let views = views(client, id).await.map_err(failed)?;
    let others = row.try_get::<_, Option<Vec<String>>>(8).map_err(failed)?.unwrap_or_default();
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
        paths: paths(&tables, &views, others),
        tables,
        views,
    })
}

/// All backups, the newest first.
///
/// # Errors
/// `backstop::backup::not_read` with what the server said.
pub async fn list(client: &Client) -> Result<Vec<StoredBackup>, Failure> {
    const INSTALLED: &str = "SELECT pg_catalog.to_regclass('backstop.backups') IS NOT NULL";
    let failed = |error: Error| failure(NOT_READ, &error);
    if !client.query_one(INSTALLED, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)? {
        return Ok(Vec::new());
    }
    let rows = client.query(include_str!("list.sql"), &[]).await.map_err(failed)?;
    rows.iter().map(listed).collect::<Result<_, _>>().map_err(failed)
}

fn listed(row: &Row) -> Result<StoredBackup, Error> {
    let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
    let complete: bool = row.try_get(5)?;
    Ok(StoredBackup {
        id: row.try_get(0)?,
        schema: row.try_get(1)?,
        plan: row.try_get(2)?,
        run: row.try_get(3)?,
        created_at: row.try_get(4)?,
        status: if complete { BackupStatus::Complete } else { BackupStatus::Partial },
        tables: number(6)?,
        rows: number(7)?,
        bytes: number(8)?,
    })
}

fn newer(id: &str, what: &str) -> Failure {
    Failure::permanent("backstop::backup::newer_program", format!("the backup {id} is not understood: {what}"))
        .hint("Use the backstop that took it, or a newer one.")
}

fn paths(tables: &[TableCopy], views: &[ViewContent], others: Vec<String>) -> ExpressionPaths {
    let of_tables = tables.iter().map(|table| (table.key(), &table.path));
    let of_views = views.iter().map(|view| (view.key(), &view.path));
    let of = of_tables.chain(of_views).filter(|(_, path)| !path.is_empty()).map(|(key, path)| (key, path.clone())).collect();
    ExpressionPaths { of, others, ..ExpressionPaths::default() }
}

/// The copies that the manifest names, complete or not.
pub async fn tables(client: &Client, id: &str) -> Result<Vec<TableCopy>, Error> {
    const LOOK: &str = "SELECT schema_name, table_name, copy_name, row_count, bytes, digest, coalesce(search_path, '') \
                        FROM backstop.backup_tables WHERE backup = $1 ORDER BY 1, 2";
    let table = |row: &Row| {
        Ok(TableCopy {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
            copy: row.try_get(2)?,
            bytes: u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or_default(),
            content: TableContent {
                rows: u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or_default(),
                digest: row.try_get(5)?,
            },
            path: row.try_get(6)?,
        })
    };
    client.query(LOOK, &[&id]).await?.iter().map(table).collect()
}

async fn views(client: &Client, id: &str) -> Result<Vec<ViewContent>, Error> {
    const LOOK: &str = "SELECT schema_name, view_name, row_count, digest, coalesce(search_path, '') FROM backstop.backup_views \
                        WHERE backup = $1 ORDER BY 1, 2";
    let view = |row: &Row| {
        let rows = u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or_default();
        Ok(ViewContent {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
            content: TableContent { rows, digest: row.try_get(3)? },
            path: row.try_get(4)?,
        })
    };
    client.query(LOOK, &[&id]).await?.iter().map(view).collect()
}

async fn positions(client: &Client, id: &str) -> Result<BTreeMap<ObjectKey, SequencePosition>, Error> {
    const LOOK: &str = "SELECT schema_name, sequence_name, last_value, is_called \
                        FROM backstop.backup_sequences WHERE backup = $1";
    let position = |row: &Row| {
        let key = ObjectKey::new(ObjectKind::Sequence, row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        Ok((key, SequencePosition { last_value: row.try_get(2)?, is_called: row.try_get(3)? }))
    };
    client.query(LOOK, &[&id]).await?.iter().map(position).collect()
}
