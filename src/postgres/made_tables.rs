//! The tables that a run made, and others under their names.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error, types::Type};

use crate::{
    catalog::{Change, ChangeKind, ObjectKey, ObjectKind},
    machine::StepCommitted,
};

/// The tables that these changes made, with their numbers.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn made_tables(client: &Client, changes: &[Change]) -> Result<Vec<(ObjectKey, u32)>, Error> {
    let is_made = |change: &&Change| change.how == ChangeKind::Added && change.object.kind == ObjectKind::Table;
    let made: Vec<&ObjectKey> = changes.iter().filter(is_made).map(|change| &change.object).collect();
    let numbers = numbers(client, &made).await?;
    Ok(numbers.into_iter().map(|(key, number)| (key.clone(), number)).collect())
}

/// The tables of these steps in whose place others have put their own.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn replaced_tables(client: &Client, steps: &[StepCommitted]) -> Result<BTreeSet<ObjectKey>, Error> {
    let made: BTreeMap<&ObjectKey, u32> =
        steps.iter().flat_map(|step| &step.made).map(|(key, number)| (key, *number)).collect();
    let keys: Vec<&ObjectKey> = made.keys().copied().collect();
    let now = numbers(client, &keys).await?;
    Ok(now.into_iter().filter(|(key, number)| made.get(key) != Some(number)).map(|(key, _)| key.clone()).collect())
}

/// What is gone has none. To look a name up would be an error where the role may not use its schema.
async fn numbers<'k>(client: &Client, tables: &[&'k ObjectKey]) -> Result<Vec<(&'k ObjectKey, u32)>, Error> {
    const LOOK: &str = "SELECT (SELECT c.oid FROM pg_catalog.pg_namespace AS n
                JOIN pg_catalog.pg_class AS c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
                WHERE n.nspname OPERATOR(pg_catalog.=) t.schema_name AND c.relname OPERATOR(pg_catalog.=) t.relation)
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS t (schema_name, relation, place)
        ORDER BY t.place";
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let (schemas, names): (Vec<&str>, Vec<&str>) = tables.iter().map(|key| (key.schema.as_str(), key.name.as_str())).unzip();
    let rows = client.query_typed(LOOK, &[(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)]).await?;
    let mut found = Vec::new();
    for (key, row) in tables.iter().zip(rows) {
        if let Some(number) = row.try_get(0)? {
            found.push((*key, number));
        }
    }
    Ok(found)
}
