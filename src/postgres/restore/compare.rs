//! Whether the database is as it was, without changing anything.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::{
    content::has_its_shape,
    proof::{content_difference, in_words},
    view::differing_views,
};
use crate::{
    catalog::{ObjectKey, Scope, Script, compare, script},
    drive::manifest::Manifest,
    machine::{Failure, UndoDiffers, UndoVerified},
    postgres::{capture, digest::pin, error_class::failure, transaction},
};

const NOT_COMPARED: &str = "backstop::restore::not_compared";

/// Compares structure and content with the backup's, in a transaction of its own that sees one moment. `changed` is what the
/// run's steps changed. Text that is merely spelled differently counts as a difference here: nobody can tell what made it.
///
/// # Errors
/// `backstop::restore::not_compared` with what the server said.
pub async fn compare_with_backup(
    client: &Client,
    manifest: &Manifest,
    changed: &BTreeSet<ObjectKey>,
) -> Result<Result<UndoVerified, UndoDiffers>, Failure> {
    let failed = |error| failure(NOT_COMPARED, &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(failed)?;
    let done = async {
        pin(client).await.map_err(failed)?;
        let differences = differences(client, manifest, changed).await?;
        Ok(if differences.is_empty() {
            Ok(UndoVerified { tables: manifest.tables.len(), uncovered: Vec::new() })
        } else {
            Err(UndoDiffers { differences })
        })
    }
    .await;
    transaction::end(client, done, NOT_COMPARED).await
}

async fn differences(client: &Client, manifest: &Manifest, changed: &BTreeSet<ObjectKey>) -> Result<Vec<String>, Failure> {
    let failed = |error| failure(NOT_COMPARED, &error);
    let now = capture::snapshot(client, std::slice::from_ref(&manifest.schema)).await.map_err(failed)?;
    let covered = manifest.tables.iter().map(|table| table.key()).collect();
    let scope = Scope { covered, changed: changed.clone(), reload: BTreeSet::new() };
    let mut differences: Vec<String> = match script(&manifest.snapshot, &now, &scope) {
        // Nothing was made from recorded text, so that no text counts as respelled.
        Ok(script) => compare(&manifest.snapshot, &now, &Script { recreated: BTreeSet::new(), ..script })
            .differences
            .iter()
            .map(in_words)
            .collect(),
        Err(problems) => problems.iter().map(|problem| format!("{} {}", problem.object, problem.why)).collect(),
    };
    for table in &manifest.tables {
        // Another shape is a difference of structure already, and the recorded columns can't be read.
        if has_its_shape(manifest, &now, table) {
            differences.extend(content_difference(client, manifest, table).await?);
        }
    }
    let views = differing_views(client, manifest, &now).await?;
    differences.extend(views.iter().map(|view| format!("{view} holds other rows than at the backup")));
    Ok(differences)
}
