//! Paths that were recorded with a backup, as they may be used now: where others may make objects by now, nothing is looked up.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error};

use crate::drive::ExpressionPaths;
use crate::{
    catalog::{ObjectKey, Snapshot},
    sql::quote::ident,
};

/// What the journal has for it.
pub const SAFE_PATH: &str = concat!(
    "CREATE OR REPLACE FUNCTION backstop.open_schemas(text[], text) RETURNS TABLE (name text, roles text[]) LANGUAGE sql STABLE \
     SET search_path = pg_catalog, pg_temp AS $open$\n",
    include_str!("schemas.sql"),
    "$open$;\n",
    include_str!("safe_path.sql")
);

/// The same paths without the schemas where somebody may make objects whom neither this session's role nor the relation's owner
/// trusts. `tables` are those of the backup.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn still_safe(
    client: &Client,
    paths: &ExpressionPaths,
    then: &Snapshot,
    tables: &[ObjectKey],
) -> Result<ExpressionPaths, Error> {
    const NARROWED: &str = "SELECT backstop.safe_path($1, $2)";
    const OPEN: &str = "SELECT o.name, o.roles FROM backstop.open_schemas(backstop.schemas_of($1), $2) AS o";
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut safe = ExpressionPaths { shunned: paths.shunned.clone(), ..ExpressionPaths::default() };
    let owner_of = |relation: &ObjectKey| then.objects.get(relation).and_then(|object| object.owner.clone());
    for (relation, path) in &paths.of {
        let owner = owner_of(relation);
        let narrowed: String = client.query_one(NARROWED, &[path, &owner]).await?.try_get(0)?;
        for row in client.query(OPEN, &[path, &owner]).await? {
            open.insert(row.try_get(0)?, row.try_get(1)?);
        }
        if !narrowed.is_empty() {
            safe.of.insert(relation.clone(), narrowed);
        }
    }
    // For what a step hung on one of the tables.
    let owners: BTreeSet<Option<String>> = tables.iter().map(owner_of).collect();
    for path in &paths.others {
        for owner in &owners {
            let narrowed: String = client.query_one(NARROWED, &[path, owner]).await?.try_get(0)?;
            if !narrowed.is_empty() && !safe.others.contains(&narrowed) {
                safe.others.push(narrowed);
            }
        }
    }
    safe.shunned.extend(open.iter().map(|(schema, roles)| told(schema, roles)));
    Ok(safe)
}

fn told(schema: &str, roles: &[String]) -> String {
    let from: Vec<String> = roles.iter().map(|role| if role == "PUBLIC" { role.clone() } else { ident(role) }).collect();
    format!(
        "schema {schema} is not looked into any more, because {} may make objects there by now: REVOKE CREATE ON SCHEMA {} FROM {};",
        roles.join(", "),
        ident(schema),
        from.join(", ")
    )
}
