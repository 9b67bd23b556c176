//! The functions, in the database.

use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Error};

use super::text;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Text},
    postgres::{event_triggers, fault::failure},
    sql::quote::{ident, literal},
};

/// What the functions keep in the journal's schema; can be run again and again.
pub const SCHEMA: &str = include_str!("schema.sql");

/// The roles that may call the functions of a schema beside their owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    /// May call all of them.
    pub execute: Option<String>,
    /// May call all of them, read the copies and the journal, and make things in the schema.
    pub admin: Option<String>,
}

/// Those that the plan names.
pub fn callers(plan: &Plan<Rendered>) -> Callers {
    let role = |role: &Option<Text>| role.as_ref().map(|role| role.sent().to_owned());
    Callers { execute: role(&plan.backup.execute_role), admin: role(&plan.backup.admin_role) }
}

impl Callers {
    /// Whether nobody but the owner may call them.
    pub fn is_nobody(&self) -> bool {
        self.execute.is_none() && self.admin.is_none()
    }
}

/// Installs the functions for a schema of backups, which exists, in the open transaction. Does nothing where they are there as
/// this program would make them.
///
/// # Errors
/// `backstop::surface::not_installed` with what the server said.
pub async fn install_in(client: &Client, schema: &str, callers: &Callers) -> Result<(), Failure> {
    const THERE: &str = "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, EXISTS (\
                         SELECT FROM backstop.surfaces WHERE schema_name = $1 AND version = $2) \
                         AND pg_catalog.to_regprocedure($3) IS NOT NULL";
    const NOTE: &str = "INSERT INTO backstop.surfaces (schema_name, version, execute_role, admin_role) VALUES ($1, $2, $3, $4) \
                        ON CONFLICT (schema_name) DO UPDATE SET version = excluded.version, execute_role = excluded.execute_role, \
                        admin_role = excluded.admin_role, installed_at = pg_catalog.clock_timestamp()";
    let failed = |error: Error| failed(schema, &error);
    let callable = text::callable(schema, callers);
    let version = version(&[&callable, &format!("{callers:?}")]);
    let newest = format!("{}.list_backups()", ident(schema));
    let row = client.query_one(THERE, &[&schema, &version, &newest]).await.map_err(failed)?;
    let (server, is_there): (i32, bool) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    let hushed = event_triggers::hush(client).await.map_err(failed)?;
    if !is_there {
        let shared = text::shared(u32::try_from(server).unwrap_or_default());
        client.batch_execute(&shared).await.map_err(failed)?;
        client.batch_execute(&callable).await.map_err(failed)?;
        client.execute(NOTE, &[&schema, &version, &callers.execute, &callers.admin]).await.map_err(failed)?;
    }
    let close = format!("SELECT backstop.close_functions({})", literal(schema));
    client.batch_execute(&close).await.map_err(failed)?;
    event_triggers::speak(client, hushed).await.map_err(failed)
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
    let mut failure = failure("backstop::surface::not_installed", error);
    failure.message = format!("the functions for psql could not be made in schema {schema}: {}", failure.message);
    failure.hint("They belong to the role that made them: let it run the plan, or DROP FUNCTION them first.")
}
