//! Equal is proven, not assumed.

use tokio_postgres::Client;

use super::content::{content, has_its_shape};
use crate::{
    catalog::{Change, ChangeKind, ObjectKey, Script, Snapshot, compare},
    drive::manifest::{Manifest, TableCopy},
    machine::Failure,
};

/// Most differences that a failure's message names; its detail has all.
const NAMED_MAX: usize = 5;

/// Compares structure and content of everything in the script's scope with what the backup recorded, in the restore's own
/// transaction. Returns the objects whose text the server respelled.
///
/// # Errors
/// `backstop::restore::differs` with each difference, or as [`content`].
pub async fn prove(
    client: &Client,
    manifest: &Manifest,
    after: &Snapshot,
    script: &Script,
) -> Result<Vec<ObjectKey>, Failure> {
    let comparison = compare(&manifest.snapshot, after, script);
    let mut differences: Vec<String> = comparison.differences.iter().map(in_words).collect();
    differences.extend(content_differences(client, manifest, after).await?);
    if differences.is_empty() { Ok(comparison.respelled) } else { Err(differs(&differences)) }
}

/// The half of [`prove`] that looks at structure.
///
/// # Errors
/// `backstop::restore::differs` with each difference.
pub fn prove_structure(manifest: &Manifest, after: &Snapshot, script: &Script) -> Result<Vec<ObjectKey>, Failure> {
    let comparison = compare(&manifest.snapshot, after, script);
    let differences: Vec<String> = comparison.differences.iter().map(in_words).collect();
    if differences.is_empty() { Ok(comparison.respelled) } else { Err(differs(&differences)) }
}

/// The half of [`prove`] that looks at content; every table must have its shape again.
///
/// # Errors
/// `backstop::restore::differs` with each difference, or as [`content`].
pub async fn prove_content(client: &Client, manifest: &Manifest, after: &Snapshot) -> Result<(), Failure> {
    let shapeless = manifest.tables.iter().filter(|table| !has_its_shape(manifest, after, table));
    let mut differences: Vec<String> = shapeless.map(|table| format!("{} has another shape", table.title())).collect();
    differences.extend(content_differences(client, manifest, after).await?);
    if differences.is_empty() { Ok(()) } else { Err(differs(&differences)) }
}

/// A table of another shape, or none, is a difference of structure already, and can't be read.
async fn content_differences(client: &Client, manifest: &Manifest, after: &Snapshot) -> Result<Vec<String>, Failure> {
    let mut differences = Vec::new();
    for table in manifest.tables.iter().filter(|table| has_its_shape(manifest, after, table)) {
        differences.extend(content_difference(client, manifest, table).await?);
    }
    Ok(differences)
}

/// What is different about a table's content, in words.
///
/// # Errors
/// As [`content`].
pub async fn content_difference(client: &Client, manifest: &Manifest, table: &TableCopy) -> Result<Option<String>, Failure> {
    let Some(found) = content(client, manifest, table).await? else {
        return Ok(Some(format!("{} is not in the backup's catalog", table.title())));
    };
    let recorded = &table.content;
    Ok((found != *recorded).then(|| {
        format!(
            "{} holds {} rows with digest {}, the backup recorded {} rows with digest {}",
            table.title(),
            found.rows,
            found.digest,
            recorded.rows,
            recorded.digest
        )
    }))
}

/// A difference of structure, in words.
pub fn in_words(change: &Change) -> String {
    match change.how {
        ChangeKind::Added => format!("{} was not there", change.object),
        ChangeKind::Removed => format!("{} is missing", change.object),
        ChangeKind::Changed if change.what.is_empty() => format!("{} is different", change.object),
        ChangeKind::Changed => format!("{} is different: {}", change.object, change.what.join(", ")),
    }
}

/// What is not as it was, or would not be.
pub fn differs(differences: &[String]) -> Failure {
    let named = differences.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    let more = match differences.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Failure::permanent("backstop::restore::differs", format!("the restore would not be equal to the backup: {named}{more}"))
        .detail(differences.join("\n"))
        .hint(
            "It was rolled back and nothing was changed by it. `backstop backup verify` tells whether the copies are whole.",
        )
}
