//! Whether triggers and rules fire.

use super::constraint::ConstraintTrigger;
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
/// numbers that are different each time, so they are looked up by the function that they call, and by the partition that the
/// constraint leads to.
pub(super) fn internal_triggers(key: &ObjectKey, triggers: &[ConstraintTrigger]) -> String {
    let table = literal(&qualified(&key.schema, key.of.as_deref().unwrap_or_default()));
    let recorded = |value: &dyn Fn(char) -> String, usual: char| match triggers {
        [] => value(usual),
        triggers => {
            let when = |trigger: &ConstraintTrigger| {
                let on = match &trigger.partition {
                    Some(name) => format!("t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass({})", literal(name)),
                    None => "led.is_itself".to_owned(),
                };
                let function = literal(&trigger.function);
                format!(" WHEN {on} AND p.proname OPERATOR(pg_catalog.=) {function} THEN {}", value(trigger.state))
            };
            format!("CASE{} ELSE {} END", triggers.iter().map(when).collect::<String>(), value(usual))
        }
    };
    let words = recorded(&|state| literal(word(state)), 'O');
    let letters = recorded(&|state| literal(&state.to_string()), 'O');
    let body = format!(
        "DECLARE command text;
BEGIN
  FOR command IN
    WITH RECURSIVE led (oid, is_itself) AS (
      SELECT k.oid, true FROM pg_catalog.pg_constraint k
      WHERE k.conrelid OPERATOR(pg_catalog.=) {table}::pg_catalog.regclass AND k.conname OPERATOR(pg_catalog.=) {}
      UNION ALL
      SELECT b.oid, false FROM led JOIN pg_catalog.pg_constraint b ON b.conparentid OPERATOR(pg_catalog.=) led.oid
      WHERE b.conrelid OPERATOR(pg_catalog.=) {table}::pg_catalog.regclass)
    SELECT pg_catalog.format('ALTER TABLE ONLY %s %s TRIGGER %I', t.tgrelid::pg_catalog.regclass, {words}, t.tgname)
    FROM led
    JOIN pg_catalog.pg_trigger t ON t.tgconstraint OPERATOR(pg_catalog.=) led.oid
    JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
    WHERE t.tgisinternal AND t.tgenabled OPERATOR(pg_catalog.<>) {letters}
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
