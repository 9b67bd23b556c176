//! Values of types like regclass that name an object which is made only after the rows are there: a view, an index, a function.
//! Until then a number that is nobody's stands in for it.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error, Row};

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

/// The types whose values are names of objects, the function that looks for one without an error, where there is one, and what lists all.
const NAMED: [(&str, Option<&str>, &str); 11] = [
    ("regclass", Some("to_regclass"), "pg_class"),
    ("regcollation", Some("to_regcollation"), "pg_collation"),
    ("regconfig", None, "pg_ts_config"),
    ("regdictionary", None, "pg_ts_dict"),
    ("regnamespace", Some("to_regnamespace"), "pg_namespace"),
    ("regoper", Some("to_regoper"), "pg_operator"),
    ("regoperator", Some("to_regoperator"), "pg_operator"),
    ("regproc", Some("to_regproc"), "pg_proc"),
    ("regprocedure", Some("to_regprocedure"), "pg_proc"),
    ("regrole", Some("to_regrole"), "pg_roles"),
    ("regtype", Some("to_regtype"), "pg_type"),
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
    /// Whether that is the object's own number: it is there, in a schema that the role may not use, where no name is read.
    is_there: bool,
}

/// The names in a copy, which comes quoted, that nothing has yet, or that can't be read. What can't be asked is left to the load.
pub async fn find(client: &Client, table: &ObjectKey, columns: &[Column], copy: &str) -> Vec<LateName> {
    let mut found = Vec::new();
    for column in columns.iter().filter(|column| column.builtin && column.generated.is_none()) {
        let Some((_, lookup, list)) = NAMED.iter().find(|(data_type, ..)| *data_type == column.data_type) else { continue };
        let unknown = match lookup {
            Some(lookup) => unknown(client, &column.name, lookup, copy).await.ok(),
            None => None,
        };
        let names = match unknown {
            Some(names) => names.into_iter().map(|name| (name, None)).collect(),
            None => listed(client, column, list, copy).await.unwrap_or_default(),
        };
        found.extend(names.into_iter().zip((0..u32::MAX).rev()).map(|((name, number), place)| LateName {
            table: table.clone(),
            column: column.name.clone(),
            data_type: column.data_type.clone(),
            name,
            place: number.unwrap_or(place),
            is_there: number.is_some(),
        }));
    }
    found
}

/// What is no name: 0 is written as a dash, and what has no name as a number.
const IS_NAME: &str = "OPERATOR(pg_catalog.!~) '^(-|[0-9]+)$'";

async fn unknown(client: &Client, column: &str, lookup: &str, copy: &str) -> Result<Vec<String>, Error> {
    let name = ident(column);
    let sql = format!(
        "SELECT DISTINCT {name} FROM {copy} WHERE {name} {IS_NAME} AND pg_catalog.{lookup}({name}) IS NULL LIMIT {NAMES_MAX}"
    );
    aside(client, &sql).await?.iter().map(|row| row.try_get(0)).collect()
}

/// The names with the numbers of what has them. A name is an error to whoever may not use the schema; a list of all tells it.
async fn listed(client: &Client, column: &Column, list: &str, copy: &str) -> Result<Vec<(String, Option<u32>)>, Error> {
    let (name, data_type) = (ident(&column.name), &column.data_type);
    let sql = format!(
        "SELECT DISTINCT c.{name}, o.oid FROM {copy} AS c
         LEFT JOIN pg_catalog.{list} AS o ON pg_catalog.concat(o.oid::pg_catalog.{data_type}) OPERATOR(pg_catalog.=) c.{name}
         WHERE c.{name} {IS_NAME} LIMIT {NAMES_MAX}"
    );
    aside(client, &sql).await?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Asks without harm to the open transaction.
async fn aside(client: &Client, sql: &str) -> Result<Vec<Row>, Error> {
    client.batch_execute("SAVEPOINT backstop_names").await?;
    let found = client.query(sql, &[]).await;
    client.batch_execute("ROLLBACK TO SAVEPOINT backstop_names; RELEASE SAVEPOINT backstop_names").await?;
    found
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
    /// Whether it is still to be set.
    pub fn is_due(&self) -> bool {
        !self.is_there
    }

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
