//! A manifest that turns complete.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error, types::Json};

use super::{
    statements::{Keeper, record_statements},
    way::way,
};
use crate::{
    catalog::{Action, Definition, ObjectKey},
    drive::manifest::{Manifest, TableCopy},
    machine::Failure,
    postgres::{backup::load, error_class::failure},
    sql::quote::qualified,
};

/// Turns the manifest complete in the open transaction, with the way back as statements for psql.
///
/// # Errors
/// `backstop::backup::not_completed` with what the server said, or where the partial manifest is gone.
pub async fn complete(client: &Client, manifest: &Manifest) -> Result<Option<Failure>, Failure> {
    const COMPLETE: &str = "UPDATE backstop.backups SET status = 'complete', completed_at = pg_catalog.clock_timestamp(), \
                            fingerprint = $2, catalog = $3, search_paths = $4, moment = $5::pg_catalog.text::pg_catalog.pg_snapshot \
                            WHERE id = $1 AND status = 'partial'";
    const NOT_COMPLETED: &str = "backstop::backup::not_completed";
    let Manifest { id, fingerprint, snapshot, paths, moment, .. } = manifest;
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [id, fingerprint, &Json(snapshot), &paths.others, moment];
    let recorded = async {
        if client.execute(COMPLETE, &parameters).await? != 1 {
            return Ok(None);
        }
        record_positions(client, manifest).await?;
        record_views(client, manifest).await?;
        record_way(client, manifest).await.map(Some)
    };
    match recorded.await.map_err(|error: Error| failure(NOT_COMPLETED, &error))? {
        Some(beyond_psql) => Ok(beyond_psql),
        None => Err(Failure::permanent(NOT_COMPLETED, format!("the manifest of backup {id} is gone"))),
    }
}

async fn record_positions(client: &Client, Manifest { id, positions, .. }: &Manifest) -> Result<(), Error> {
    const RECORD: &str = "INSERT INTO backstop.backup_sequences (backup, schema_name, sequence_name, last_value, is_called) \
                          SELECT $1, s.* FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), \
                          pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.int8[]), \
                          pg_catalog.unnest($5::pg_catalog.bool[])) AS s";
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        positions.keys().map(|key| (key.schema.as_str(), key.name.as_str())).unzip();
    let (values, called): (Vec<i64>, Vec<bool>) =
        positions.values().map(|position| (position.last_value, position.is_called)).unzip();
    client.execute(RECORD, &[id, &schemas, &names, &values, &called]).await.map(drop)
}

async fn record_views(client: &Client, Manifest { id, views, .. }: &Manifest) -> Result<(), Error> {
    const RECORD: &str = "INSERT INTO backstop.backup_views (backup, schema_name, view_name, row_count, digest, search_path) \
                          VALUES ($1, $2, $3, $4, $5, $6)";
    for view in views {
        let rows = i64::try_from(view.content.rows).unwrap_or(i64::MAX);
        client.execute(RECORD, &[id, &view.schema, &view.name, &rows, &view.content.digest, &view.path]).await?;
    }
    Ok(())
}

async fn record_way(client: &Client, manifest: &Manifest) -> Result<Option<Failure>, Error> {
    let covered: BTreeSet<ObjectKey> = manifest.tables.iter().map(TableCopy::key).collect();
    let load_one = |key: &ObjectKey| {
        let copy = manifest.tables.iter().find(|table| table.key() == *key)?;
        let Definition::Table(table) = &manifest.snapshot.objects.get(key)?.definition else { return None };
        Some(load(key, &table.columns, &qualified(&manifest.schema, &copy.copy)))
    };
    let way = way(&manifest.snapshot, &covered);
    let path_of = |key: &ObjectKey| manifest.paths.of_object(key, &manifest.snapshot).to_owned();
    record_statements(client, Keeper::Backup(&manifest.id), &way, load_one, path_of).await?;
    let is_loaded = |key: &&ObjectKey| way.iter().any(|action| matches!(action, Action::Load(table) if table == *key));
    // Rows of a partitioned table are those of its partitions.
    let has_rows = |key: &&ObjectKey| {
        let object = manifest.snapshot.objects.get(*key).map(|object| &object.definition);
        !matches!(object, Some(Definition::Table(table)) if table.lineage.partition_key.is_some())
    };
    let left_out = covered.iter().filter(has_rows).filter(|key| !is_loaded(key)).map(ToString::to_string);
    let left_out: Vec<String> = left_out.collect();
    Ok((!left_out.is_empty()).then(|| beyond_psql(&manifest.id, &left_out)))
}

fn beyond_psql(backup: &str, left_out: &[String]) -> Failure {
    let message = format!("psql alone can't bring these back from backup {backup}: {}", left_out.join(", "));
    Failure::permanent("backstop::backup::no_statements", message)
        .hint(format!("The backup is whole: `backstop restore --backup {backup}` brings them back."))
}
