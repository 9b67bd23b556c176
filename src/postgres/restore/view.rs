//! Materialized views that hold other rows than they did.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::content::content_now;
use crate::{
    catalog::{Column, ObjectKey, Snapshot},
    drive::manifest::{Manifest, ViewContent},
    machine::Failure,
    postgres::backup::populated_columns,
};

/// Those that are there with their columns and can be read, and whose rows are not those of the backup.
///
/// # Errors
/// As [`content_now`].
pub async fn differing_views(client: &Client, manifest: &Manifest, now: &Snapshot) -> Result<BTreeSet<ObjectKey>, Failure> {
    let mut differing = BTreeSet::new();
    for view in &manifest.views {
        let Some(columns) = columns(manifest, now, view) else { continue };
        let found = content_now(client, manifest, &view.key(), columns).await?;
        if found.as_ref() != Some(&view.content) {
            differing.insert(view.key());
        }
    }
    Ok(differing)
}

/// The columns, where they are the recorded ones, so that one digest fits both.
fn columns<'a>(manifest: &'a Manifest, now: &Snapshot, view: &ViewContent) -> Option<&'a [Column]> {
    let then = populated_columns(&manifest.snapshot, &view.key())?;
    let now = populated_columns(now, &view.key())?;
    let alike = then.len() == now.len() && then.iter().zip(now).all(|(a, b)| a.name == b.name && a.data_type == b.data_type);
    alike.then_some(then)
}
