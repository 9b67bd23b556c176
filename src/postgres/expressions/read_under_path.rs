//! Reading a relation whose indexes and statistics call functions: the planner looks into these, whatever is asked.

use tokio_postgres::{Client, Error, Row, error::SqlState};

use super::path::set_path;
use crate::{
    catalog::{Column, ObjectKey},
    drive::{
        ExpressionPaths,
        manifest::{Algorithm, TableContent},
    },
    machine::Failure,
    postgres::{
        as_owner::as_owner,
        digest::{RowSource, content_of, not_digested, statement},
    },
    sql::quote::qualified,
};

/// The one row of a query that reads a relation, under the first path that it can be planned and run under. The transaction's own
/// path is empty, before and after.
///
/// # Errors
/// What the server said under the first path.
pub async fn along(client: &Client, paths: &[&str], sql: &str) -> Result<Row, Error> {
    let mut first = None;
    for path in paths {
        client.batch_execute(&format!("SAVEPOINT backstop_along; {}", set_path(path))).await?;
        match client.query_one(sql, &[]).await {
            Ok(row) => {
                let back = set_path("");
                client.batch_execute(&format!("RELEASE SAVEPOINT backstop_along; {back}")).await?;
                return Ok(row);
            }
            Err(error) => {
                client.batch_execute("ROLLBACK TO SAVEPOINT backstop_along; RELEASE SAVEPOINT backstop_along").await?;
                let another_may_help = error.code().is_some_and(may_be_the_path);
                let first = first.get_or_insert(error);
                if !another_may_help {
                    break;
                }
                let _ = first;
            }
        }
    }
    match first {
        Some(error) => Err(error),
        // Without a path there is none to be tried.
        None => client.query_one(sql, &[]).await,
    }
}

/// [`crate::postgres::digest::digest`] of a live relation, under the first of its paths that it can be read under.
///
/// # Errors
/// `backstop::digest::failed`, with what the server said.
pub async fn digest_along(
    client: &Client,
    algorithm: Algorithm,
    paths: &ExpressionPaths,
    relation: &ObjectKey,
    columns: &[Column],
) -> Result<TableContent, Failure> {
    let name = qualified(&relation.schema, &relation.name);
    let sql = statement(algorithm, &name, columns, RowSource::Live);
    let row = as_owner(client, &name, along(client, &paths.tries(relation), &sql)).await;
    content_of(&row.map_err(|error| not_digested(&name, &error))?, &name)
}

/// Whether the server did not find something, or found it of another kind: names may be looked up elsewhere.
pub(super) fn may_be_the_path(state: &SqlState) -> bool {
    state.code().starts_with("42") || *state == SqlState::INVALID_SCHEMA_NAME
}
