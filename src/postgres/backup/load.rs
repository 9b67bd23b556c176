//! A copy's rows, back into its table.

use crate::{
    catalog::{Column, ObjectKey},
    postgres::digest::{copied_as_text, of_text},
    sql::quote::{ident, qualified},
};

/// The statement that fills a table, which is empty, from its copy, whose name comes quoted. Generated columns are computed
/// again. What was copied as text is read by the type's own input.
pub fn load(table: &ObjectKey, columns: &[Column], copy: &str) -> String {
    format!("{}{copy}", load_from(table, columns))
}

/// [`load`] up to the name of the copy.
pub fn load_from(table: &ObjectKey, columns: &[Column]) -> String {
    load_as(table, columns, &value)
}

/// [`load_from`] with other words for the values.
pub fn load_as(table: &ObjectKey, columns: &[Column], value: &dyn Fn(&Column) -> String) -> String {
    let stored: Vec<&Column> = columns.iter().filter(|column| column.generated.is_none()).collect();
    let table = qualified(&table.schema, &table.name);
    if stored.is_empty() {
        return format!("INSERT INTO {table} SELECT FROM ");
    }
    let into: Vec<String> = stored.iter().map(|column| ident(&column.name)).collect();
    let from: Vec<String> = stored.iter().map(|column| value(column)).collect();
    format!("INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM ", into.join(", "), from.join(", "))
}

/// A copied value in its own type. A cast of text to regclass takes names only, the type's input also numbers that have none; a cast to
/// any other type of the server's own is its own, too.
pub fn value(column: &Column) -> String {
    let name = ident(&column.name);
    match column.data_type.as_str() {
        "regclass" if column.builtin => format!("pg_catalog.regclassin(pg_catalog.textout({name}))"),
        data_type if !column.builtin => of_text(&name, data_type),
        data_type if copied_as_text(column) => format!("{name}::{data_type}"),
        _ => name,
    }
}
