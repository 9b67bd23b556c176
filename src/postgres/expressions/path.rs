//! Paths that expressions may be evaluated under: those that sessions of this database have, as far as nobody can slip something in.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error};

use crate::{
    postgres::search_path::PlanPath,
    sql::quote::{ident, literal},
};

/// The path that the server gives to index builds and refreshes from version 17 on, whatever the session's is.
pub(super) const MAINTENANCE: &str = "pg_catalog, pg_temp";

/// A path that may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// As `SET search_path` takes it; nothing for an empty one.
    pub path: String,
    /// The same with what was left out of it.
    pub whole: String,
    /// Schemas that were left out, each with roles that may make objects there.
    pub left_out: Vec<(String, Vec<String>)>,
}

/// The statement that sets a path for the rest of the transaction.
pub fn set_path(path: &str) -> String {
    format!("SET LOCAL search_path = {}", if path.is_empty() { "''" } else { path })
}

/// The paths to be tried for what belongs to a role, the safest first. `plan` are the schemas of the plan's own path, `own` those
/// of the functions and their table. Schemas where others than superusers, this session's role and the owner may make objects are
/// left out.
pub(super) async fn candidates(
    client: &Client,
    plan: &[String],
    owner: &str,
    own: &[String],
) -> Result<Vec<Candidate>, Error> {
    let mut settings = vec![PlanPath::of_schemas(plan).value()];
    for row in client.query(include_str!("configured.sql"), &[&owner]).await? {
        let configured: String = row.try_get(0)?;
        settings.push(configured.replace("\"$user\"", &ident(owner)).replace("$user", &ident(owner)));
        settings.push(configured);
    }
    let mut schemas: Vec<Vec<String>> = vec![Vec::new()];
    for setting in settings {
        schemas.push(schemas_of(client, &setting).await?);
    }
    schemas.push(own.to_vec());
    let all: Vec<&String> = schemas.iter().flatten().collect();
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in client.query(include_str!("schemas.sql"), &[&all, &owner]).await? {
        open.insert(row.try_get(0)?, row.try_get(1)?);
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for schemas in schemas {
        let (unsafe_ones, safe): (Vec<String>, Vec<String>) =
            schemas.iter().cloned().partition(|name| open.contains_key(name));
        let left_out =
            unsafe_ones.into_iter().map(|name| (name.clone(), open.get(&name).cloned().unwrap_or_default())).collect();
        let candidate = Candidate { path: setting(&safe), whole: setting(&schemas), left_out };
        if candidates.iter().all(|other| other.whole != candidate.whole) {
            candidates.push(candidate);
        }
    }
    Ok(candidates)
}

/// Temporary objects come last: nothing is to be found among them that is meant to be elsewhere.
pub(super) fn setting(schemas: &[String]) -> String {
    if schemas.is_empty() { String::new() } else { format!("{}, pg_temp", PlanPath::of_schemas(schemas).value()) }
}

/// The schemas of a setting that are there and may be looked into.
async fn schemas_of(client: &Client, setting: &str) -> Result<Vec<String>, Error> {
    const SCHEMAS: &str = "SELECT s.name::pg_catalog.text FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) \
                           WITH ORDINALITY AS s (name, place) \
                           WHERE s.name OPERATOR(pg_catalog.!~) '^pg_' ORDER BY s.place";
    let set = format!("SELECT pg_catalog.set_config('search_path', {}, true)", literal(setting));
    client.batch_execute(&set).await?;
    let schemas = client.query(SCHEMAS, &[]).await;
    client.batch_execute(&set_path("")).await?;
    schemas?.iter().map(|row| row.try_get(0)).collect()
}
