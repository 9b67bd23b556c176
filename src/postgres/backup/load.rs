//! A copy's rows, back into its table.

use crate::{
    catalog::{Column, ObjectKey},
    postgres::digest::copied_as_text,
    sql::quote::{ident, qualified},
};

/// The statement that fills a table, which is empty, from its copy, whose name comes quoted. Generated columns are computed
/// again. What was copied as text is read by the type's own input.
pub fn load(table: &ObjectKey, columns: &[Column], copy: &str) -> String {
    format!("{}{copy}", load_from(table, columns))
}

/// [`load`] up to the name of the copy.
pub fn load_from(table: &ObjectKey, columns: &[Column]) -> String {
    let stored: Vec<&Column> = columns.iter().filter(|column| column.generated.is_none()).collect();
    let table = qualified(&table.schema, &table.name);
    if stored.is_empty() {
        return format!("INSERT INTO {table} SELECT FROM ");
    }
    let into: Vec<String> = stored.iter().map(|column| ident(&column.name)).collect();
    let from: Vec<String> = stored.iter().map(|column| value(column)).collect();
    format!("INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM ", into.join(", "), from.join(", "))
}

/// A copied value in its own type. The type's name is the server's own text, printed under an empty search path.
pub fn value(column: &Column) -> String {
    let name = ident(&column.name);
    if copied_as_text(column) { format!("{name}::{}", column.data_type) } else { name }
}
