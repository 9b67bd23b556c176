//! The way back, written down statement by statement.

use tokio_postgres::{Client, Error};

use crate::catalog::{Action, ObjectKey};

/// What the statements are kept with.
#[derive(Debug, Clone, Copy)]
pub enum Keeper<'a> {
    /// The backup with this id.
    Backup(&'a str),
    /// The registered plan of this name, whose next backup they are for.
    Plan(&'a str),
}

impl Keeper<'_> {
    fn place(&self) -> (&'static str, &str) {
        match self {
            Keeper::Backup(id) => ("backstop.backup_statements (backup", id),
            Keeper::Plan(name) => ("backstop.plan_statements (plan", name),
        }
    }
}

/// Writes the actions down in their order, in one statement. `load` gives the statement that fills a table, `path` the `search_path`
/// that statements about an object are run under.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn record_statements(
    client: &Client,
    keeper: Keeper<'_>,
    actions: &[Action],
    load: impl Fn(&ObjectKey) -> Option<String>,
    path: impl Fn(&ObjectKey) -> String,
) -> Result<(), Error> {
    let mut columns: [Vec<String>; 5] = Default::default();
    let (mut parts, mut statements): (Vec<Option<String>>, Vec<Option<String>>) = (Vec::new(), Vec::new());
    for action in actions {
        let (word, key, statement) = match action {
            Action::Sql { sql, object } => ("run", object, Some(sql.clone())),
            Action::Load(table) => ("load", table, load(table)),
            Action::Position(sequence) => ("position", sequence, None),
        };
        let facts = [word.to_owned(), key_word(key), key.schema.clone(), key.name.clone(), path(key)];
        columns.iter_mut().zip(facts).for_each(|(column, fact)| column.push(fact));
        parts.push(key.of.clone());
        statements.push(statement);
    }
    let (table, keeper) = keeper.place();
    let [words, kinds, schemas, names, paths] = columns;
    let sql = format!(
        "INSERT INTO {table}, action, kind, schema_name, object_name, part_of, statement, search_path, place) \
         SELECT $1, s.* FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]), \
         pg_catalog.unnest($4::pg_catalog.text[]), pg_catalog.unnest($5::pg_catalog.text[]), \
         pg_catalog.unnest($6::pg_catalog.text[]), pg_catalog.unnest($7::pg_catalog.text[]), pg_catalog.unnest($8::pg_catalog.text[])) WITH ORDINALITY AS s"
    );
    client.execute(&sql, &[&keeper, &words, &kinds, &schemas, &names, &parts, &statements, &paths]).await.map(drop)
}

/// The kind as the stored catalog spells it.
fn key_word(key: &ObjectKey) -> String {
    match serde_json::to_value(key.kind) {
        Ok(serde_json::Value::String(word)) => word,
        _ => key.kind.word().to_owned(),
    }
}
