//! One look at what a batch did: the locks that its transaction holds.
//!
//! Whoever writes to a table holds a ROW EXCLUSIVE lock on it until the transaction ends, and whoever changes its structure a
//! stronger one (<https://www.postgresql.org/docs/current/explicit-locking.html>).

use tokio_postgres::Client;

use crate::{
    machine::Failure,
    postgres::{
        coverage::{How, Permission, Touched, judge},
        fault,
    },
};

/// The lock of those who change rows.
const ROW_EXCLUSIVE: &str = "RowExclusiveLock";

/// The tables that the batch may have written to, where all of them are covered and nothing else was changed.
pub(super) async fn written(client: &Client, permission: &Permission) -> Result<Vec<String>, Failure> {
    let rows = client
        .query_typed(include_str!("look.sql"), &[])
        .await
        .map_err(|error| fault::failure("backstop::run::coverage_unknown", &error))?;
    let mut touched = Vec::new();
    for row in &rows {
        let (schema, name, mode): (String, String, &str) = (row.get(1), row.get(2), row.get(3));
        if mode != ROW_EXCLUSIVE {
            return Err(more_than_rows(&schema, &name));
        }
        touched.push(Touched { oid: row.get(0), schema, name, how: How::Rows(1), existed: true, above: row.get(4) });
    }
    Ok(judge(&touched, permission)?.into_iter().map(|(table, _)| table).collect())
}

fn more_than_rows(schema: &str, name: &str) -> Failure {
    Failure::permanent("backstop::run::batch_structure", format!("the batch changed more than rows of {schema}.{name}"))
        .hint("Batches may change rows only; look for functions and triggers that change or lock tables.")
}
