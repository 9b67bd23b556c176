//! Writes to the server's own tables, told by reading statements: what DDL writes there shows in the same counters.

use tokio_postgres::{Client, Error, types::Oid};

use crate::{
    machine::Failure,
    postgres::error_class,
    sql::{
        QualifiedName,
        facts::{self, OperationKind, When},
    },
};

/// A table of the server's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemTable {
    /// `pg_class.oid`
    pub oid: Oid,
    /// `schema.table`
    pub title: String,
}

/// The server's own tables that statements of the text, and blocks in it, write to by name. Rows of large objects are counted like
/// those of other tables.
///
/// # Errors
/// `backstop::run::coverage_unknown`, with what the server said.
pub async fn system_tables_written(client: &Client, text: &str) -> Result<Vec<SystemTable>, Failure> {
    let named: Vec<QualifiedName> = facts::read(&[text])
        .into_iter()
        .flat_map(Result::unwrap_or_default)
        .flat_map(|statement| statement.operations)
        .filter(|operation| operation.when != When::InRoutine)
        .filter_map(|operation| if let OperationKind::Write { table, .. } = operation.action { Some(table) } else { None })
        .filter(is_perhaps_of_the_system)
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    find(client, &named).await.map_err(|error| error_class::failure("backstop::run::coverage_unknown", &error))
}

fn is_perhaps_of_the_system(table: &QualifiedName) -> bool {
    match table.schema.as_deref() {
        Some(schema) => matches!(schema, "pg_catalog" | "information_schema"),
        None => table.name.starts_with("pg_"),
    }
}

async fn find(client: &Client, named: &[QualifiedName]) -> Result<Vec<SystemTable>, Error> {
    let schemas: Vec<&str> = named.iter().map(|table| table.schema.as_deref().unwrap_or("pg_catalog")).collect();
    let names: Vec<&str> = named.iter().map(|table| table.name.as_str()).collect();
    let rows = client.query(include_str!("system_tables.sql"), &[&schemas, &names]).await?;
    rows.iter().map(|row| Ok(SystemTable { oid: row.try_get(0)?, title: row.try_get(1)? })).collect()
}
