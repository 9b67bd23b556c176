//! Making tables and their columns.

use super::{
    super::{
        catalog_kind::StructureLookup,
        clauses::{collate, options_list, with_options},
    },
    model::{Column, NotNull, Table},
};
use crate::{
    catalog::{kind::ObjectKey, source_form::source_form},
    sql::quote::{ident, qualified},
};

/// The table without what comes after its rows: constraints, indexes, triggers, policies, row security, not-null marks that
/// were never validated, and defaults that need other objects.
pub(super) fn create(key: &ObjectKey, table: &Table, then: &dyn StructureLookup) -> Vec<String> {
    let name = qualified(&key.schema, &key.name);
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("    {}", definition_of(key, column, then))).collect();
    let mut statement =
        format!("CREATE {}TABLE {name} (\n{}\n)", if table.unlogged { "UNLOGGED " } else { "" }, columns.join(",\n"));
    if let Some(partition_key) = &table.lineage.partition_key {
        statement.push_str(&format!(" PARTITION BY {partition_key}"));
    }
    if let Some(method) = &table.access_method {
        statement.push_str(&format!(" USING {}", ident(method)));
    }
    statement.push_str(&with_options(&table.options));
    if let Some(tablespace) = &table.tablespace {
        statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    let mut statements = vec![statement];
    for column in &table.columns {
        statements.extend(storage(&name, column));
    }
    statements.extend(table.of_type.as_ref().map(|of| format!("ALTER TABLE {name} OF {of}")));
    statements
}

/// How a column's values are stored and counted: set before there are rows, so that it holds for them.
pub(crate) fn storage(table: &str, column: &Column) -> Vec<String> {
    let mut actions = Vec::new();
    let name = ident(&column.name);
    if let Some(storage) = column.storage {
        actions.push(format!("ALTER COLUMN {name} SET STORAGE {}", storage_word(storage)));
    }
    if let Some(compression) = column.compression {
        actions.push(format!("ALTER COLUMN {name} SET COMPRESSION {}", compression_word(compression)));
    }
    if let Some(target) = column.statistics {
        actions.push(format!("ALTER COLUMN {name} SET STATISTICS {target}"));
    }
    if !column.options.is_empty() {
        actions.push(format!("ALTER COLUMN {name} SET ({})", options_list(&column.options)));
    }
    if actions.is_empty() { Vec::new() } else { vec![format!("ALTER TABLE {table} {}", actions.join(", "))] }
}

/// What `pg_attribute.attstorage` means.
pub(super) fn storage_word(letter: char) -> &'static str {
    match letter {
        'p' => "PLAIN",
        'e' => "EXTERNAL",
        'm' => "MAIN",
        _ => "EXTENDED",
    }
}

/// What `pg_attribute.attcompression` means.
pub(super) fn compression_word(letter: char) -> &'static str {
    if letter == 'l' { "lz4" } else { "pglz" }
}

/// A column as CREATE TABLE and ADD COLUMN take it.
pub(super) fn definition_of(key: &ObjectKey, column: &Column, then: &dyn StructureLookup) -> String {
    let mut text = format!("{} {}{}", ident(&column.name), column.data_type, collate(&column.collation));
    if let Some((how, expression)) = &column.generated {
        let how = if *how == 'v' { "VIRTUAL" } else { "STORED" };
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {how}", source_form(expression)));
    }
    if let Some(identity) = identity(key, column, then) {
        text.push_str(&format!(" {identity}"));
    }
    if let (Some(default), true) = (&column.default, column.default_needs.is_empty()) {
        text.push_str(&format!(" DEFAULT {}", source_form(default)));
    }
    if let Some(not_null) = column.not_null.as_ref().filter(|mark| mark.validated) {
        if let Some(name) = &not_null.name {
            text.push_str(&format!(" CONSTRAINT {}", ident(name)));
        }
        text.push_str(" NOT NULL");
        if not_null.no_inherit {
            text.push_str(" NO INHERIT");
        }
    }
    text
}

/// `GENERATED … AS IDENTITY (…)` with the sequence's own name and options. A partition may have it from above, and no sequence
/// of its own (from PostgreSQL 17 on).
pub(super) fn identity(key: &ObjectKey, column: &Column, then: &dyn StructureLookup) -> Option<String> {
    let how = if column.identity? == 'a' { "ALWAYS" } else { "BY DEFAULT" };
    let (sequence, definition) = then.identity_sequence(key, &column.name)?;
    let name = qualified(&sequence.schema, &sequence.name);
    Some(format!("GENERATED {how} AS IDENTITY (SEQUENCE NAME {name}{})", definition.options()))
}

/// Sets or drops a column's default, of this table alone.
pub(crate) fn set_default(key: &ObjectKey, column: &str, default: Option<&str>) -> String {
    let action =
        default.map_or_else(|| "DROP DEFAULT".to_owned(), |default| format!("SET DEFAULT {}", source_form(default)));
    format!("ALTER TABLE ONLY {} ALTER COLUMN {} {action}", qualified(&key.schema, &key.name), ident(column))
}

/// Gives a column a not-null mark, with its name where the server keeps one.
pub(crate) fn set_not_null(table: &str, column: &str, mark: &NotNull) -> String {
    match &mark.name {
        None => format!("ALTER TABLE {table} ALTER COLUMN {} SET NOT NULL", ident(column)),
        Some(name) => format!(
            "ALTER TABLE {table} ADD CONSTRAINT {} NOT NULL {}{}{}",
            ident(name),
            ident(column),
            if mark.no_inherit { " NO INHERIT" } else { "" },
            if mark.validated { "" } else { " NOT VALID" }
        ),
    }
}
