//! Which tables hold something else than they did.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use crate::{
    catalog::{Column, Definition, ObjectKey, Snapshot},
    machine::Failure,
    postgres::{
        backup::{Manifest, TableCopy},
        digest::{Content, Reading, digest},
    },
};

/// The covered tables that exist, and whose rows are not those of the backup or can't be compared with them.
///
/// # Errors
/// As [`digest`].
pub async fn differing(client: &Client, manifest: &Manifest, now: &Snapshot) -> Result<BTreeSet<ObjectKey>, Failure> {
    let mut differing = BTreeSet::new();
    for table in &manifest.tables {
        if is_there(now, table) && is_different(client, manifest, now, table).await? {
            differing.insert(table.key());
        }
    }
    Ok(differing)
}

/// Whether there is a table of this name.
pub fn is_there(now: &Snapshot, table: &TableCopy) -> bool {
    columns(now, &table.key()).is_some()
}

/// Whether the table's rows are not those of the backup, or can't be compared with them.
///
/// # Errors
/// As [`digest`].
pub async fn is_different(client: &Client, manifest: &Manifest, now: &Snapshot, table: &TableCopy) -> Result<bool, Failure> {
    let found = if has_its_shape(manifest, now, table) { content(client, manifest, table).await? } else { None };
    Ok(found.as_ref() != Some(&table.content))
}

/// What the table holds now, read as the backup read it; none where the backup's catalog doesn't have it.
///
/// # Errors
/// As [`digest`].
pub async fn content(client: &Client, manifest: &Manifest, table: &TableCopy) -> Result<Option<Content>, Failure> {
    let Some(columns) = manifest.columns(table) else { return Ok(None) };
    let relation = (table.schema.as_str(), table.name.as_str());
    digest(client, manifest.algorithm, relation, columns, Reading::Live).await.map(Some)
}

/// Whether the table has the recorded columns in the recorded types, so that one digest fits both. Columns beside them are a
/// difference of structure.
pub fn has_its_shape(manifest: &Manifest, now: &Snapshot, table: &TableCopy) -> bool {
    match (manifest.columns(table), columns(now, &table.key())) {
        (Some(then), Some(now)) => then.iter().all(|a| now.iter().any(|b| a.name == b.name && a.data_type == b.data_type)),
        _ => false,
    }
}

fn columns<'a>(snapshot: &'a Snapshot, table: &ObjectKey) -> Option<&'a [Column]> {
    match &snapshot.objects.get(table)?.definition {
        Definition::Table(found) => Some(&found.columns),
        _ => None,
    }
}
