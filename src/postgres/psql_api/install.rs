//! The functions, in the database.

use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Error, error::SqlState};

use super::{callers::Callers, text};
use crate::{
    machine::Failure,
    postgres::{error_class::failure, event_triggers},
    sql::quote::{ident, literal},
};

/// What the functions keep in the journal's schema; can be run again and again.
pub const SCHEMA: &str = include_str!("schema.sql");

/// What people call with psql, in the schema of the backups.
const CALLABLE: [&str; 7] = [
    "create_table_backups",
    "restore_from_backup",
    "validate_pre_migration",
    "validate_post_migration",
    "list_backups",
    "cleanup_old_backups",
    "execute_safe_migration",
];

/// Installs the functions for a schema of backups, which exists, in the open transaction. Does nothing where they are there as
/// this program would make them.
///
/// # Errors
/// `backstop::psql_api::not_installed` with what the server said.
pub async fn install_in(client: &Client, schema: &str, callers: &Callers) -> Result<(), Failure> {
    const THERE: &str = "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, EXISTS (\
                         SELECT FROM backstop.psql_schemas WHERE schema_name = $1 AND version = $2) \
                         AND pg_catalog.to_regprocedure($3) IS NOT NULL";
    const NOTE: &str = "INSERT INTO backstop.psql_schemas (schema_name, version, execute_role, admin_role) VALUES ($1, $2, $3, $4) \
                        ON CONFLICT (schema_name) DO UPDATE SET version = excluded.version, execute_role = excluded.execute_role, \
                        admin_role = excluded.admin_role, installed_at = pg_catalog.clock_timestamp()";
    let failed = |error: Error| failed(schema, &error);
    let callable = text::callable(schema, callers);
    let version = version(&[&callable, &format!("{callers:?}")]);
    let newest = format!("{}.list_backups()", ident(schema));
    let row = client.query_one(THERE, &[&schema, &version, &newest]).await.map_err(failed)?;
    let (server, is_there): (i32, bool) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    let suspended = event_triggers::suspend(client).await.map_err(failed)?;
    if !is_there {
        refuse_replacing(client, schema).await?;
        let shared = text::shared(u32::try_from(server).unwrap_or_default());
        client.batch_execute(AS_WRITTEN).await.map_err(failed)?;
        client.batch_execute(&shared).await.map_err(failed)?;
        client.batch_execute(&callable).await.map_err(failed)?;
        client.execute(NOTE, &[&schema, &version, &callers.execute, &callers.admin]).await.map_err(failed)?;
    }
    let close = format!("SELECT backstop.close_functions({})", literal(schema));
    client.batch_execute(&close).await.map_err(failed)?;
    event_triggers::resume(client, suspended).await.map_err(failed)
}

/// Functions of ours are read as they were written, whatever the database warns its own authors of.
pub const AS_WRITTEN: &str = "SET LOCAL plpgsql.extra_errors = 'none'; SET LOCAL plpgsql.extra_warnings = 'none'";

/// Functions that somebody has made under the names of ours are never replaced: each of ours calls one of the journal's schema.
async fn refuse_replacing(client: &Client, schema: &str) -> Result<(), Failure> {
    const THEIRS: &str = "SELECT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) \
                          FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
                          WHERE n.nspname = $1 AND p.proname = ANY ($2) AND p.prosrc NOT LIKE '%backstop.%' ORDER BY 1";
    let rows = client.query(THEIRS, &[&schema, &CALLABLE.as_slice()]).await.map_err(|error| failed(schema, &error))?;
    let names = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, Error>>();
    let names = names.map_err(|error| failed(schema, &error))?;
    if names.is_empty() {
        return Ok(());
    }
    Err(Failure::permanent(
        "backstop::psql_api::foreign_function",
        format!("schema {schema} has functions of somebody else under the names of those for psql: {}", names.join(", ")),
    )
    .hint("Rename them (ALTER FUNCTION ... RENAME TO ...), or give the plan's backup another `schema`."))
}

/// A digest of what is installed, so that another program's functions are replaced.
fn version(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    // The catalog's queries are fitted to the server, whose major version changes with the whole database.
    hash.update(text::shared(u32::MAX));
    texts.iter().for_each(|text| hash.update(text));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(schema: &str, error: &Error) -> Failure {
    let mut failure = failure("backstop::psql_api::not_installed", error);
    failure.message = format!("the functions for psql could not be made in schema {schema}: {}", failure.message);
    match failure.sqlstate.as_deref().map(SqlState::from_code) {
        Some(SqlState::INSUFFICIENT_PRIVILEGE) => {
            failure.hint("They belong to the role that made them: let it run the plan, or DROP FUNCTION them first.")
        }
        _ => failure,
    }
}
