//! Which tables hold something else than they did.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use crate::{
    catalog::{Column, Definition, ObjectKey, Snapshot},
    drive::manifest::{Manifest, TableContent, TableCopy},
    machine::{Failure, FailureClass},
    postgres::{error_class::failure, expressions::digest_along},
};

/// The covered tables that exist, and whose rows are not those of the backup or can't be compared with them: the restore brings
/// these back and compares them when it is done.
///
/// # Errors
/// As [`content_now`].
pub async fn differing(client: &Client, manifest: &Manifest, now: &Snapshot) -> Result<BTreeSet<ObjectKey>, Failure> {
    let mut differing = BTreeSet::new();
    for table in &manifest.tables {
        let key = table.key();
        if columns(now, &key).is_none() {
            continue;
        }
        let columns = manifest.columns(table).filter(|_| has_its_shape(manifest, now, table));
        let found = match columns {
            Some(columns) => content_now(client, manifest, &key, columns).await?,
            None => None,
        };
        if found.as_ref() != Some(&table.content) {
            differing.insert(key);
        }
    }
    Ok(differing)
}

/// What a relation holds as it stands now, before anything was brought back; none where the server can't read it so. An index or
/// a statistics object that was made since is enough, where its expression can't be planned under the pinned settings.
///
/// # Errors
/// As [`digest_along`], where the reason is not the relation: a lost connection, a cancelled query, a lack of resources.
pub async fn content_now(
    client: &Client,
    manifest: &Manifest,
    relation: &ObjectKey,
    columns: &[Column],
) -> Result<Option<TableContent>, Failure> {
    let failed = |error| failure("backstop::digest::failed", &error);
    client.batch_execute("SAVEPOINT backstop_content").await.map_err(failed)?;
    match digest_along(client, manifest.algorithm, &manifest.paths, relation, columns).await {
        Ok(found) => {
            client.batch_execute("RELEASE SAVEPOINT backstop_content").await.map_err(failed)?;
            Ok(Some(found))
        }
        Err(why) if is_of_relation(&why) => {
            let back = "ROLLBACK TO SAVEPOINT backstop_content; RELEASE SAVEPOINT backstop_content";
            client.batch_execute(back).await.map_err(failed)?;
            Ok(None)
        }
        Err(why) => Err(why),
    }
}

/// Whether reading failed for what the relation is or holds, and would not for another one. Classes of SQLSTATEs: 40 transaction
/// rollback, 53 insufficient resources, 54 limits, 55 object state, 57 intervention, 58 and XX the system.
fn is_of_relation(why: &Failure) -> bool {
    const OF_SERVER: [&str; 8] = ["08", "40", "53", "54", "55", "57", "58", "XX"];
    let class = why.sqlstate.as_deref().and_then(|state| state.get(..2));
    why.class == FailureClass::Permanent && class.is_some_and(|class| !OF_SERVER.contains(&class))
}

/// What the table holds now, read as the backup read it; none where the backup's catalog doesn't have it.
///
/// # Errors
/// As [`digest_along`].
pub async fn content(client: &Client, manifest: &Manifest, table: &TableCopy) -> Result<Option<TableContent>, Failure> {
    let Some(columns) = manifest.columns(table) else { return Ok(None) };
    digest_along(client, manifest.algorithm, &manifest.paths, &table.key(), columns).await.map(Some)
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
