//! Whether triggers and rules fire.

use crate::{
    catalog::kind::ObjectKey,
    sql::quote::{ident, qualified},
};

/// What brings a trigger into its recorded state, and no clone of it.
pub(crate) fn trigger_state(key: &ObjectKey, enabled: char) -> String {
    state("ONLY ", key, enabled, "TRIGGER")
}

/// What brings a rule of a table into its recorded state.
pub(crate) fn rule_state(key: &ObjectKey, enabled: char) -> String {
    state("", key, enabled, "RULE")
}

/// What the letters of `pg_trigger.tgenabled` and its like mean, in a description.
pub(super) fn firing(enabled: char) -> &'static str {
    match enabled {
        'O' => "enabled",
        'D' => "disabled",
        'R' => "enabled for replicas",
        'A' => "always enabled",
        _ => "in an unknown state",
    }
}

fn state(only: &str, key: &ObjectKey, enabled: char, noun: &str) -> String {
    let table = key.of.as_deref().unwrap_or(&key.name);
    format!("ALTER TABLE {only}{} {} {noun} {}", qualified(&key.schema, table), word(enabled), ident(&key.name))
}

/// The same after ALTER TRIGGER and its like.
pub(super) fn word(enabled: char) -> &'static str {
    match enabled {
        'D' => "DISABLE",
        'R' => "ENABLE REPLICA",
        'A' => "ENABLE ALWAYS",
        _ => "ENABLE",
    }
}
