//! One table → its verified copy.

use tokio_postgres::Client;

use super::{
    manifest::TableCopy,
    storage::{close_copy, copy_failure},
};
use crate::{
    catalog::Column,
    machine::Failure,
    postgres::{
        digest::{Algorithm, Content, Reading, as_text, content_of, copied_as_text, digest, not_digested, statement},
        event_triggers,
        expressions::set_path,
    },
    sql::quote::{ident, qualified},
};

/// What is to be copied, and where to.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The table's schema.
    pub schema: String,
    /// The table's name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The copy's name in the backup's schema.
    pub copy: String,
    /// The `search_path` under which what hangs on the table can be evaluated.
    pub path: String,
}

/// Copies the table in the open transaction, proves the copy equal to the table, and writes it into the manifest. The
/// transaction sees the backup's snapshot and has the settings pinned.
///
/// # Errors
/// `backstop::backup::copy_differs` where the proof fails; `copy_failed`, `disk_full` or `backstop::digest::failed` with what
/// the server said.
pub async fn copy_table(
    client: &Client,
    backup: &str,
    backup_schema: &str,
    algorithm: Algorithm,
    assignment: &Assignment,
) -> Result<TableCopy, Failure> {
    let Assignment { schema, name, columns, copy, path } = assignment;
    let failed = |error| copy_failure(&format!("{schema}.{name} could not be copied"), &error);
    // Whoever reads the table has what hangs on it planned, whatever he reads.
    client.batch_execute(&set_path(path)).await.map_err(failed)?;
    let live = statement(algorithm, &qualified(schema, name), columns, Reading::Live);
    let row = client.query_one(&live, &[]).await.map_err(|error| not_digested((schema, name), &error))?;
    let there = content_of(&row, (schema, name))?;
    event_triggers::execute_without(client, &create(backup_schema, assignment)).await.map_err(failed)?;
    client.batch_execute(&set_path("")).await.map_err(failed)?;
    close_copy(client, backup_schema, copy).await.map_err(failed)?;
    let here = digest(client, algorithm, (backup_schema, copy), columns, Reading::Copy).await?;
    if here != there {
        return Err(differs(schema, name, &there, &here));
    }
    let bytes = record(client, (backup, backup_schema), algorithm, assignment, &there).await.map_err(failed)?;
    Ok(TableCopy {
        schema: schema.clone(),
        name: name.clone(),
        copy: copy.clone(),
        bytes: u64::try_from(bytes).unwrap_or_default(),
        content: there,
        path: path.clone(),
    })
}

fn create(backup_schema: &str, Assignment { schema, name, columns, copy, .. }: &Assignment) -> String {
    format!("CREATE TABLE {} AS {}", qualified(backup_schema, copy), copied(schema, name, columns))
}

/// The query whose rows are the copy. Generated columns are kept as plain values, so that the copy can be read without what
/// computes them.
pub fn copied(schema: &str, name: &str, columns: &[Column]) -> String {
    let values: Vec<String> = columns.iter().map(value).collect();
    format!("SELECT {} FROM ONLY {}", values.join(", "), qualified(schema, name))
}

/// A copy depends on nothing that a step might drop: no type, and no collation of somebody's own.
fn value(column: &Column) -> String {
    let name = ident(&column.name);
    if copied_as_text(column) {
        format!("({}) COLLATE pg_catalog.\"default\" AS {name}", as_text(&column.name))
    } else if column.collation.as_deref().is_some_and(|collation| !collation.starts_with("pg_catalog.")) {
        format!("{name} COLLATE pg_catalog.\"default\" AS {name}")
    } else {
        name
    }
}

async fn record(
    client: &Client,
    (backup, backup_schema): (&str, &str),
    algorithm: Algorithm,
    assignment: &Assignment,
    content: &Content,
) -> Result<i64, tokio_postgres::Error> {
    let Assignment { schema, name, columns, copy, path } = assignment;
    let live = statement(algorithm, &qualified(schema, name), columns, Reading::Live);
    let copied = statement(algorithm, &qualified(backup_schema, copy), columns, Reading::Copy);
    let rows = i64::try_from(content.rows).unwrap_or(i64::MAX);
    let (relation, of) = (qualified(backup_schema, copy), qualified(schema, name));
    let row = client
        .query_one(
            include_str!("record_copy.sql"),
            &[&backup, &schema, &name, &copy, &rows, &relation, &content.digest, &live, &copied, &path, &of],
        )
        .await?;
    row.try_get(0)
}

fn differs(schema: &str, name: &str, there: &Content, here: &Content) -> Failure {
    Failure::permanent("backstop::backup::copy_differs", format!("the copy of {schema}.{name} is not equal to the table"))
        .detail(format!(
            "table: {} rows, digest {}\ncopy: {} rows, digest {}",
            there.rows, there.digest, here.rows, here.digest
        ))
        .hint("Look for a type whose text form does not hold its whole value, and report it; nothing was changed.")
}
