//! Paths that were recorded with a backup, as they may be used now: where others may make objects by now, nothing is looked up.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error};

use crate::{
    catalog::ObjectKey,
    drive::{ExpressionPaths, manifest::Manifest},
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

/// The recorded paths without the schemas where somebody may make objects at this moment whom neither this session's role nor the
/// relation's owner trusts, and without those that are not there.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn safe_paths(client: &Client, manifest: &Manifest) -> Result<ExpressionPaths, Error> {
    let recorded = manifest.paths.recorded();
    let mut safe = ExpressionPaths {
        shunned: recorded.shunned.clone(),
        narrowed_from: Some(Box::new(recorded.clone())),
        ..ExpressionPaths::default()
    };
    let mut narrowing = Narrowing { client, known: BTreeMap::new(), open: BTreeMap::new() };
    let owner_of = |relation: &ObjectKey| manifest.snapshot.objects.get(relation).and_then(|object| object.owner.clone());
    for (relation, path) in &recorded.of {
        let narrowed = narrowing.of(path, owner_of(relation)).await?;
        if !narrowed.is_empty() {
            safe.of.insert(relation.clone(), narrowed);
        }
    }
    // For what a step hung on one of the tables.
    let owners: BTreeSet<Option<String>> = manifest.tables.iter().map(|table| owner_of(&table.key())).collect();
    for path in &recorded.others {
        for owner in &owners {
            let narrowed = narrowing.of(path, owner.clone()).await?;
            if !narrowed.is_empty() && !safe.others.contains(&narrowed) {
                safe.others.push(narrowed);
            }
        }
    }
    safe.shunned.extend(narrowing.open.iter().map(|(schema, roles)| told(schema, roles)));
    Ok(safe)
}

/// What is left of paths at one moment: each is asked for once.
struct Narrowing<'a> {
    client: &'a Client,
    /// By path and owner.
    known: BTreeMap<(String, Option<String>), String>,
    /// Schemas that are open, and to whom.
    open: BTreeMap<String, Vec<String>>,
}

impl Narrowing<'_> {
    async fn of(&mut self, path: &str, owner: Option<String>) -> Result<String, Error> {
        const NARROWED: &str = "SELECT backstop.safe_path($1, $2)";
        const OPEN: &str = "SELECT o.name, o.roles FROM backstop.open_schemas(backstop.schemas_of($1), $2) AS o";
        let asked = (path.to_owned(), owner);
        if let Some(narrowed) = self.known.get(&asked) {
            return Ok(narrowed.clone());
        }
        let narrowed: String = self.client.query_one(NARROWED, &[&asked.0, &asked.1]).await?.try_get(0)?;
        for row in self.client.query(OPEN, &[&asked.0, &asked.1]).await? {
            self.open.insert(row.try_get(0)?, row.try_get(1)?);
        }
        self.known.insert(asked, narrowed.clone());
        Ok(narrowed)
    }
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
