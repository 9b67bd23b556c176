//! Columns of a table that stays.

use super::{
    super::{
        catalog_kind::{Changing, StructureLookup},
        clauses::change_options,
    },
    create::{compression_word, identity, set_default, set_not_null, storage_word},
    model::{Column, NotNull},
};
use crate::{
    catalog::kind::ObjectKey,
    sql::quote::{ident, qualified},
};

/// Takes off an identity that stands where another or none belongs.
pub(super) fn before(then: &Column, now: &Column, changing: Changing<'_>) -> Option<String> {
    let alter =
        format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&changing.key.schema, &changing.key.name), ident(&then.name));
    drops_identity(then, now, changing).then(|| format!("{alter} DROP IDENTITY"))
}

/// Takes a column's not-null mark off, whatever it is called.
pub(crate) fn drop_not_null(key: &ObjectKey, column: &str) -> String {
    format!("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", qualified(&key.schema, &key.name), ident(column))
}

/// Drops a column, and nothing that depends on it.
pub(crate) fn drop_column(key: &ObjectKey, column: &str) -> String {
    format!("ALTER TABLE {} DROP COLUMN {}", qualified(&key.schema, &key.name), ident(column))
}

/// Gives back what was recorded.
pub(crate) fn change_column(then: &Column, now: &Column, changing: Changing<'_>) -> Vec<String> {
    let key = changing.key;
    let table = qualified(&key.schema, &key.name);
    let alter = format!("ALTER TABLE {table} ALTER COLUMN {}", ident(&then.name));
    // What is said of one table alone does not go down to those below it.
    let only = format!("ALTER TABLE ONLY {table} ALTER COLUMN {}", ident(&then.name));
    let mut statements = Vec::new();
    statements.extend(not_null(&table, then, now));
    if then.default != now.default {
        statements.push(set_default(key, &then.name, then.default.as_deref()));
    }
    if let Some(text) = identity(key, then, changing.then) {
        if !has_identity(key, now, changing.now) || drops_identity(then, now, changing) {
            statements.push(format!("{alter} ADD {text}"));
        } else if then.identity != now.identity {
            let how = if then.identity == Some('a') { "ALWAYS" } else { "BY DEFAULT" };
            statements.push(format!("{alter} SET GENERATED {how}"));
        }
    }
    if then.storage != now.storage {
        statements.push(format!("{only} SET STORAGE {}", then.storage.map_or("DEFAULT", storage_word)));
    }
    if then.compression != now.compression {
        statements.push(format!("{only} SET COMPRESSION {}", then.compression.map_or("default", compression_word)));
    }
    if then.statistics != now.statistics {
        statements.push(format!("{only} SET STATISTICS {}", then.statistics.unwrap_or(-1)));
    }
    statements.extend(change_options(&only, &then.options, &now.options));
    statements
}

/// Whether the column has an identity of its own, and not one from a partitioned table above.
fn has_identity(key: &ObjectKey, column: &Column, structure: &dyn StructureLookup) -> bool {
    column.identity.is_some() && structure.identity_sequence(key, &column.name).is_some()
}

/// Whether the identity now is to be none, or is fed by another sequence.
fn drops_identity(then: &Column, now: &Column, changing: Changing<'_>) -> bool {
    let fed = |structure: &'_ dyn StructureLookup, column: &Column| {
        structure.identity_sequence(changing.key, &column.name).map(|(key, _)| key.clone())
    };
    has_identity(changing.key, now, changing.now)
        && (then.identity.is_none() || fed(changing.then, then) != fed(changing.now, now))
}

/// Whether the not-null mark must go before rows come; one that was never validated comes back after them.
pub(super) fn drops_not_null(then: &Column, now: &Column) -> bool {
    match (&then.not_null, &now.not_null) {
        (None, Some(_)) => true,
        (Some(then), Some(now)) => !then.validated && now.validated,
        _ => false,
    }
}

/// The mark as it was. One that stays and has another name has got it by then; see [`renames`].
fn not_null(table: &str, then: &Column, now: &Column) -> Vec<String> {
    let (Some(mark), Some(has)) = (&then.not_null, now.not_null.as_ref().filter(|_| !drops_not_null(then, now))) else {
        let own = then.not_null.iter().filter(|mark| !mark.is_unvalidated_from_above());
        return own.map(|mark| set_not_null(table, &then.name, mark)).collect();
    };
    let Some(name) = mark.name.as_deref().map(ident) else { return Vec::new() };
    let mut statements = Vec::new();
    if mark.validated && !has.validated {
        statements.push(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
    }
    if mark.no_inherit != has.no_inherit {
        let word = if mark.no_inherit { "NO INHERIT" } else { "INHERIT" };
        statements.push(format!("ALTER TABLE {table} ALTER CONSTRAINT {name} {word}"));
    }
    statements
}

/// Gives marks that stay their names back. Where one of them has the name of another, both get a name for a while.
pub(super) fn renames(table: &str, columns: &[(&Column, &Column)]) -> Vec<String> {
    let comes_down = |then: &Column| then.not_null.as_ref().is_some_and(NotNull::is_unvalidated_from_above);
    let stays = |(then, now): &&(&Column, &Column)| !drops_not_null(then, now) && !comes_down(then);
    let names = |(then, now): &(&Column, &Column)| {
        let name = |column: &Column| column.not_null.as_ref().and_then(|mark| mark.name.clone());
        Some((name(now)?, name(then)?)).filter(|(from, to)| from != to)
    };
    let renamed: Vec<(String, String)> = columns.iter().filter(stays).filter_map(names).collect();
    let taken: Vec<&String> = renamed.iter().map(|(from, _)| from).collect();
    let rename = |from: &str, to: &str| format!("ALTER TABLE {table} RENAME CONSTRAINT {} TO {}", ident(from), ident(to));
    if !renamed.iter().any(|(_, to)| taken.contains(&to)) {
        return renamed.iter().map(|(from, to)| rename(from, to)).collect();
    }
    let for_a_while = |place: usize| format!("{MARK_FOR_A_WHILE}{place}");
    let away = renamed.iter().enumerate().map(|(place, (from, _))| rename(from, &for_a_while(place)));
    let back = renamed.iter().enumerate().map(|(place, (_, to))| rename(&for_a_while(place), to));
    away.chain(back).collect()
}

/// How a mark is called between two names, with a number behind it.
const MARK_FOR_A_WHILE: &str = "backstop_mark_";
