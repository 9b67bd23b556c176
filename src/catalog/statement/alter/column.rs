//! Columns of a table that stays.

use super::{
    super::{
        create::options_list,
        name::title,
        table::{compression_word, identity, identity_sequence, set_default, set_not_null, storage_word},
    },
    Moments, Pair,
};
use crate::{
    catalog::{
        kind::ObjectKey,
        object::{Column, NotNull},
        snapshot::Snapshot,
    },
    sql::quote::{ident, qualified},
};

/// Takes off what the recorded rows may break, or what stands where something else belongs.
pub(super) fn before(key: &ObjectKey, then: &Column, now: &Column, moments: Moments<'_>) -> Vec<String> {
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", qualified(&key.schema, &key.name), ident(&then.name));
    let mut statements = Vec::new();
    if drops_identity(key, then, now, moments) {
        statements.push(format!("{alter} DROP IDENTITY"));
    }
    if drops_not_null(then, now) {
        statements.push(format!("{alter} DROP NOT NULL"));
    }
    statements
}

pub(super) fn drop(table: &str, column: &str) -> String {
    format!("ALTER TABLE {table} DROP COLUMN {}", ident(column))
}

/// Gives back what was recorded.
pub(super) fn after(pair: Pair<'_>, then: &Column, now: &Column, moments: Moments<'_>) -> Vec<String> {
    let table = title(pair.key, &pair.then.definition);
    let alter = format!("ALTER TABLE {table} ALTER COLUMN {}", ident(&then.name));
    // What is said of one table alone does not go down to those below it.
    let only = format!("ALTER TABLE ONLY {table} ALTER COLUMN {}", ident(&then.name));
    let mut statements = Vec::new();
    statements.extend(not_null(&table, then, now));
    if then.default != now.default {
        statements.push(set_default(pair.key, &then.name, then.default.as_deref()));
    }
    if let Some(text) = identity(pair.key, then, moments.then) {
        if !has_identity(pair.key, now, moments.now) || drops_identity(pair.key, then, now, moments) {
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
    statements.extend(options(&only, &then.options, &now.options));
    statements
}

/// Whether the column has an identity of its own, and not one from a partitioned table above.
fn has_identity(key: &ObjectKey, column: &Column, snapshot: &Snapshot) -> bool {
    column.identity.is_some() && identity_sequence(key, &column.name, snapshot).is_some()
}

/// Whether the identity now is to be none, or is fed by another sequence.
fn drops_identity(key: &ObjectKey, then: &Column, now: &Column, moments: Moments<'_>) -> bool {
    let sequence = |column: &Column, snapshot| identity_sequence(key, &column.name, snapshot).map(|(key, _)| key);
    has_identity(key, now, moments.now)
        && (then.identity.is_none() || sequence(then, moments.then) != sequence(now, moments.now))
}

/// Whether the not-null mark must go before rows come, and come back after them where it was.
fn drops_not_null(then: &Column, now: &Column) -> bool {
    match (&then.not_null, &now.not_null) {
        (None, Some(_)) => true,
        (Some(then), Some(now)) => (then.validated, then.no_inherit) != (now.validated, now.no_inherit),
        _ => false,
    }
}

fn not_null(table: &str, then: &Column, now: &Column) -> Vec<String> {
    match (&then.not_null, &now.not_null) {
        (Some(mark), None) => vec![set_not_null(table, &then.name, mark)],
        (Some(mark), Some(_)) if drops_not_null(then, now) => vec![set_not_null(table, &then.name, mark)],
        (Some(NotNull { name: Some(a), .. }), Some(NotNull { name: Some(b), .. })) if a != b => {
            vec![format!("ALTER TABLE {table} RENAME CONSTRAINT {} TO {}", ident(b), ident(a))]
        }
        _ => Vec::new(),
    }
}

/// SET and RESET of `name=value` options, for whatever the statement begins to alter.
pub(super) fn options(alter: &str, then: &[String], now: &[String]) -> Vec<String> {
    let name = |option: &String| option.split_once('=').map_or(option.clone(), |(name, _)| name.to_owned());
    let names: Vec<String> = then.iter().map(name).collect();
    let mut statements = Vec::new();
    // The order in which they stand is theirs, too: where anything differs, all are set anew.
    if then != now {
        if !now.is_empty() {
            let all: Vec<String> = now.iter().map(name).collect();
            statements.push(format!("{alter} RESET ({})", all.join(", ")));
        }
        if !names.is_empty() {
            statements.push(format!("{alter} SET ({})", options_list(then)));
        }
    }
    statements
}
