//! What materialized views held. They are not copied: their queries give their rows again.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{Column, Definition, Kind, ObjectKey, Snapshot, materialized_over},
    machine::Failure,
    postgres::{
        digest::{Algorithm, Content},
        error_class::failure,
        expressions::{Paths, digest_along},
    },
    sql::quote::qualified,
};

/// What a materialized view held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewContent {
    /// The view's schema.
    pub schema: String,
    /// The view's name.
    pub name: String,
    /// Its rows.
    pub content: Content,
    /// The `search_path` under which it can be read and filled, as SET takes it; nothing for an empty one.
    pub path: String,
}

impl ViewContent {
    /// The view.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(Kind::MaterializedView, &self.schema, &self.name)
    }
}

/// Digests the populated materialized views that read from the tables, as far as the role may read them.
///
/// # Errors
/// As [`digest`], or what the server said.
pub async fn view_contents(
    client: &Client,
    algorithm: Algorithm,
    snapshot: &Snapshot,
    tables: &[(String, String)],
    paths: &Paths,
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

/// Stores what was found.
///
/// # Errors
/// The driver's.
pub(super) async fn record_views(client: &Client, id: &str, views: &[ViewContent]) -> Result<(), Error> {
    const RECORD: &str = "INSERT INTO backstop.backup_views (backup, schema_name, view_name, row_count, digest, search_path) \
                          VALUES ($1, $2, $3, $4, $5, $6)";
    for view in views {
        let rows = i64::try_from(view.content.rows).unwrap_or(i64::MAX);
        client.execute(RECORD, &[&id, &view.schema, &view.name, &rows, &view.content.digest, &view.path]).await?;
    }
    Ok(())
}

/// What a backup's manifest says of them.
///
/// # Errors
/// The driver's.
pub(super) async fn recorded_views(client: &Client, id: &str) -> Result<Vec<ViewContent>, Error> {
    const LOOK: &str = "SELECT schema_name, view_name, row_count, digest, coalesce(search_path, '') FROM backstop.backup_views \
                        WHERE backup = $1 ORDER BY 1, 2";
    let view = |row: &tokio_postgres::Row| {
        let rows = u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or_default();
        Ok(ViewContent {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
            content: Content { rows, digest: row.try_get(3)? },
            path: row.try_get(4)?,
        })
    };
    client.query(LOOK, &[&id]).await?.iter().map(view).collect()
}

async fn is_readable(client: &Client, view: &ObjectKey) -> Result<bool, Error> {
    const READABLE: &str = "SELECT coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass($1), 'SELECT') \
                            AND pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace($2), 'USAGE'), false)";
    let names = [qualified(&view.schema, &view.name), crate::sql::quote::ident(&view.schema)];
    client.query_one(READABLE, &[&names[0], &names[1]]).await?.try_get(0)
}
