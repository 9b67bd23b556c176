//! What materialized views held. They are not copied: their queries give their rows again.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{Column, Definition, ObjectKey, Snapshot, materialized_over},
    drive::{
        ExpressionPaths,
        manifest::{Algorithm, ViewContent},
    },
    machine::Failure,
    postgres::{error_class::failure, expressions::digest_along, privileged::privileged},
};

/// Digests the populated materialized views that read from the tables, as far as the role may read them.
///
/// # Errors
/// As [`digest`], or what the server said.
pub async fn view_contents(
    client: &Client,
    algorithm: Algorithm,
    snapshot: &Snapshot,
    tables: &[(String, String)],
    paths: &ExpressionPaths,
) -> Result<Vec<ViewContent>, Failure> {
    let tables: BTreeSet<ObjectKey> = tables.iter().map(|(schema, name)| ObjectKey::table(schema, name)).collect();
    let mut contents = Vec::new();
    for view in materialized_over(snapshot, &tables) {
        let Some(columns) = populated_columns(snapshot, &view) else { continue };
        if !is_readable(client, &view).await.map_err(|error| failure("backstop::backup::copy_failed", &error))? {
            continue;
        }
        let content = digest_along(client, algorithm, paths, &view, columns).await?;
        let path = paths.of(&view).to_owned();
        contents.push(ViewContent { schema: view.schema, name: view.name, content, path });
    }
    Ok(contents)
}

/// The columns of a materialized view that can be read.
pub fn populated_columns<'a>(snapshot: &'a Snapshot, view: &ObjectKey) -> Option<&'a [Column]> {
    match &snapshot.objects.get(view)?.definition {
        Definition::MaterializedView(view) if view.populated => Some(&view.columns),
        _ => None,
    }
}

async fn is_readable(client: &Client, view: &ObjectKey) -> Result<bool, Error> {
    Ok(!privileged(client, &[view], &["SELECT"]).await?.is_empty())
}
