//! Values of types like regclass that name an object which is made only after the rows are there: a view, an index, a function.
//! Until then a number that is nobody's stands in for it.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error};

use super::failures::statement_failed;
use crate::{
    catalog::{Column, ObjectKey},
    drive::ExpressionPaths,
    machine::Failure,
    postgres::{
        backup::{load_as, value},
        error_class::failure,
        expressions::set_path,
    },
    sql::quote::{ident, literal, qualified},
};

/// Most names of one column that can be late: each is a part of the statement that fills the table.
const NAMES_MAX: i64 = 1000;

/// The types whose names the server can look for without an error, and the function that does.
const LOOKUPS: [(&str, &str); 9] = [
    ("regclass", "to_regclass"),
    ("regcollation", "to_regcollation"),
    ("regnamespace", "to_regnamespace"),
    ("regoper", "to_regoper"),
    ("regoperator", "to_regoperator"),
    ("regproc", "to_regproc"),
    ("regprocedure", "to_regprocedure"),
    ("regrole", "to_regrole"),
    ("regtype", "to_regtype"),
];

/// A value that is to be set when the object is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateName {
    table: ObjectKey,
    column: String,
    data_type: String,
    /// As the copy has it.
    name: String,
    /// What stands in for it. The highest numbers are the last that the server gives to objects.
    place: u32,
}

/// The names in a copy, which comes quoted, that nothing has yet. What can't be asked is left to the load.
pub async fn find(client: &Client, table: &ObjectKey, columns: &[Column], copy: &str) -> Vec<LateName> {
    let mut found = Vec::new();
    for column in columns.iter().filter(|column| column.builtin && column.generated.is_none()) {
        let Some((_, lookup)) = LOOKUPS.iter().find(|(data_type, _)| *data_type == column.data_type) else { continue };
        let names = unknown(client, &column.name, lookup, copy).await.unwrap_or_default();
        found.extend(names.into_iter().zip((0..u32::MAX).rev()).map(|(name, place)| LateName {
            table: table.clone(),
            column: column.name.clone(),
            data_type: column.data_type.clone(),
            name,
            place,
        }));
    }
    found
}

async fn unknown(client: &Client, column: &str, lookup: &str, copy: &str) -> Result<Vec<String>, Error> {
    // 0 is written as a dash, and what has no name as a number.
    let name = ident(column);
    let sql = format!(
        "SELECT DISTINCT {name} FROM {copy} WHERE {name} OPERATOR(pg_catalog.!~) '^(-|[0-9]+)$' AND pg_catalog.{lookup}({name}) IS NULL LIMIT {NAMES_MAX}"
    );
    client.batch_execute("SAVEPOINT backstop_names").await?;
    let found = client.query(&sql, &[]).await;
    client.batch_execute("ROLLBACK TO SAVEPOINT backstop_names; RELEASE SAVEPOINT backstop_names").await?;
    found?.iter().map(|row| row.try_get(0)).collect()
}

/// The statement that fills the table, with numbers that stand in for these.
pub fn load(table: &ObjectKey, columns: &[Column], copy: &str, late: &[LateName]) -> String {
    let value = |column: &Column| {
        let arms: String = late
            .iter()
            .filter(|late| late.column == column.name)
            .map(|late| {
                let name = ident(&column.name);
                format!(" WHEN {name} OPERATOR(pg_catalog.=) {} THEN {}", literal(&late.name), late.stand_in())
            })
            .collect();
        if arms.is_empty() { value(column) } else { format!("CASE{arms} ELSE {} END", value(column)) }
    };
    format!("{}{copy}", load_as(table, columns, &value))
}

impl LateName {
    fn stand_in(&self) -> String {
        format!("{}::pg_catalog.oid::pg_catalog.{}", self.place, self.data_type)
    }
}

/// Sets the values, now that everything is there. Triggers and rules of the application don't fire; what hangs on the table is
/// evaluated under its path.
///
/// # Errors
/// `backstop::restore::statement_failed`, naming the table.
pub async fn set(client: &Client, paths: &ExpressionPaths, late: &[LateName]) -> Result<(), Failure> {
    const QUIETING: &str = "SELECT quiet, wake FROM backstop.quieting(ARRAY[$1::pg_catalog.text::pg_catalog.regclass])";
    let mut tables: BTreeMap<&ObjectKey, Vec<&LateName>> = BTreeMap::new();
    for one in late {
        tables.entry(&one.table).or_default().push(one);
    }
    for (table, names) in tables {
        let title = qualified(&table.schema, &table.name);
        let failed = |error| failure("backstop::restore::failed", &error);
        let row = client.query_one(QUIETING, &[&title]).await.map_err(failed)?;
        let (quiet, wake): (Option<String>, Option<String>) =
            (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        let settings = names.iter().map(|one| {
            let column = ident(&one.column);
            format!(
                "UPDATE ONLY {title} SET {column} = {}::pg_catalog.{} WHERE {column}::pg_catalog.oid OPERATOR(pg_catalog.=) {}::pg_catalog.oid",
                literal(&one.name),
                one.data_type,
                one.place
            )
        });
        let settings = [set_path(paths.of(table))].into_iter().chain(settings);
        let spoken = ["SET CONSTRAINTS ALL IMMEDIATE".to_owned(), set_path("")];
        for sql in quiet.into_iter().chain(settings).chain(spoken).chain(wake) {
            client.batch_execute(&sql).await.map_err(|error| statement_failed(&sql, table, &error))?;
        }
    }
    Ok(())
}
