//! One look at what a batch did: the locks that its transaction holds.
//!
//! Whoever writes to a table holds a ROW EXCLUSIVE lock on it until the transaction ends, and whoever changes its structure a
//! stronger one (<https://www.postgresql.org/docs/current/explicit-locking.html>).

use tokio_postgres::{Client, Error, Row};

use crate::{
    machine::Failure,
    postgres::{
        coverage::{Permission, TableChange, Touched, WrittenTables, judge},
        error_class,
    },
};

/// The lock of those who change rows.
const ROW_EXCLUSIVE: &str = "RowExclusiveLock";

/// The tables that the batch may have written to, where all of them are covered and nothing else was changed.
pub(super) async fn written(client: &Client, permission: &Permission) -> Result<WrittenTables, Failure> {
    let failed = |error| error_class::failure("backstop::run::coverage_unknown", &error);
    let rows = client.query_typed(include_str!("look.sql"), &[]).await.map_err(failed)?;
    let mut touched = Vec::new();
    for row in &rows {
        let (table, mode) = touched_by(row).map_err(failed)?;
        if mode != ROW_EXCLUSIVE {
            return Err(more_than_rows(&table.schema, &table.name));
        }
        touched.push(table);
    }
    judge(&touched, permission)
}

/// A table that the batch locked, and how.
fn touched_by(row: &Row) -> Result<(Touched, &str), Error> {
    let (schema, name) = (row.try_get(1)?, row.try_get(2)?);
    let how = TableChange::Rows(1);
    Ok((
        Touched {
            oid: row.try_get(0)?,
            schema,
            name,
            how,
            existed: true,
            above: row.try_get(4)?,
            can_be_target: row.try_get(5)?,
        },
        row.try_get(3)?,
    ))
}

fn more_than_rows(schema: &str, name: &str) -> Failure {
    Failure::permanent("backstop::run::batch_structure", format!("the batch changed more than rows of {schema}.{name}"))
        .hint("Batches may change rows only; look for functions and triggers that change or lock tables.")
}
