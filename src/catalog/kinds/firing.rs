//! Whether triggers and rules fire.

use crate::{
    catalog::kind::ObjectKey,
    sql::quote::{ident, literal, qualified},
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

/// What brings the triggers behind a constraint into their recorded states, all others into the usual one. Their names hold
/// numbers that are different each time, so they are looked up by the function that they call.
pub(super) fn internal_triggers(key: &ObjectKey, triggers: &[(String, char)]) -> String {
    let table = literal(&qualified(&key.schema, key.of.as_deref().unwrap_or_default()));
    let mut words = "'ENABLE'".to_owned();
    let mut letters = "'O'".to_owned();
    if !triggers.is_empty() {
        let case = |value: &dyn Fn(char) -> String| -> String {
            triggers
                .iter()
                .map(|(function, state)| {
                    format!(" WHEN p.proname OPERATOR(pg_catalog.=) {} THEN {}", literal(function), value(*state))
                })
                .collect()
        };
        words = format!("CASE{} ELSE {words} END", case(&|state| literal(word(state))));
        letters = format!("CASE{} ELSE {letters} END", case(&|state| literal(&state.to_string())));
    }
    let body = format!(
        "DECLARE command text;
BEGIN
  FOR command IN
    SELECT pg_catalog.format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::pg_catalog.regclass, {words}, t.tgname)
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_constraint k ON k.oid OPERATOR(pg_catalog.=) t.tgconstraint
    JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
    WHERE k.conrelid OPERATOR(pg_catalog.=) {table}::pg_catalog.regclass AND k.conname OPERATOR(pg_catalog.=) {}
      AND t.tgisinternal AND t.tgenabled OPERATOR(pg_catalog.<>) {letters}
  LOOP
    EXECUTE command;
  END LOOP;
END",
        literal(&key.name)
    );
    format!("DO {}", literal(&body))
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
