//! What counts of a plan, in one fixed form, and the digests over it.
//!
//! The form is JSON with every field named, so that no two different plans share it. Not in it are texts for people (description,
//! owner, links, hints), exceptions from the rules of `lint`, who may call the functions for psql, places, variables and file names: what they lead to is. SQL stands in it without comments and
//! layout; secrets are redacted.
//!
//! A field that was added later stands in it only where it differs from its default, so that the plans of before keep their
//! fingerprints: what was applied stays applied, and what was begun goes on.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    plan::{Check, CheckKind, Expect, FieldValue, Pattern, Plan, Rendered, Step, Text, Verify},
    sql::normalized,
};

/// Part of what is digested; changed with the form.
const FORM: &str = "backstop/canonical/1";

/// SHA-256 over all that counts, hex.
pub(super) fn fingerprint(plan: &Plan<Rendered>) -> String {
    digest(&of_plan(plan))
}

/// SHA-256 over all that counts of the step, hex.
pub(super) fn step_digest(step: &Step<Rendered>) -> String {
    digest(&of_step(step))
}

fn digest(value: &Value) -> String {
    let form = json!([FORM, value]).to_string();
    Sha256::digest(form.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_plan(plan: &Plan<Rendered>) -> Value {
    let mut requires: Vec<&str> = plan.requires.iter().map(|(name, _)| name.as_str()).collect();
    requires.sort_unstable();
    requires.dedup();
    let targets: Vec<&Vec<Text>> = plan.backup.targets.iter().map(|target| &target.tables).collect();
    let mut form = json!({
        "name": plan.name,
        "requires": requires,
        "repeat": plan.repeat,
        "transaction": plan.transaction,
        "session": {
            "lock_timeout": millis(plan.session.lock_timeout),
            "statement_timeout": millis(plan.session.statement_timeout),
            "idle_in_transaction_session_timeout": millis(plan.session.idle_in_transaction_session_timeout),
            "search_path": plan.session.search_path,
        },
        "backup": {
            "schema": plan.backup.schema,
            "keep": plan.backup.keep,
            "writers": plan.backup.writers,
            "sequences": plan.backup.sequences,
            "targets": targets,
            "allow_uncovered": plan.backup.allow_uncovered,
        },
        "checks": {
            "before": plan.checks.before.iter().map(of_check).collect::<Vec<_>>(),
            "unchanged": plan.checks.unchanged.iter().map(of_check).collect::<Vec<_>>(),
            "after": plan.checks.after.iter().map(of_check).collect::<Vec<_>>(),
        },
        "steps": plan.steps.iter().map(of_step).collect::<Vec<_>>(),
        "rollback": plan.rollback,
    });
    let excluded: Vec<&Vec<Text>> = plan.backup.targets.iter().map(|target| &target.exclude).collect();
    if excluded.iter().any(|list| !list.is_empty()) {
        set(&mut form, "/backup", "exclude", json!(excluded));
    }
    if plan.backup.verify != Verify::default() {
        set(&mut form, "/backup", "verify", json!(plan.backup.verify));
    }
    form
}

/// What is written only where it is not the default, so that older plans keep their fingerprints.
fn set(form: &mut Value, map: &str, field: &str, value: Value) {
    if let Some(Value::Object(map)) = form.pointer_mut(map) {
        map.insert(field.to_owned(), value);
    }
}

fn of_step(step: &Step<Rendered>) -> Value {
    let checks: Vec<&str> = step.checks.iter().map(|(id, _)| id.as_str()).collect();
    let mut form = json!({
        "id": step.id,
        "sql": sql(&step.sql),
        "transaction": step.transaction,
        "retry": { "attempts": step.retry.attempts, "backoff": millis(step.retry.backoff) },
        "expect_rows": step.expect_rows,
        "checks": checks,
        "undo": step.undo.as_ref().map(sql),
        "probe": step.probe.as_ref().map(sql),
        "lock_timeout": step.lock_timeout.map(millis),
        "statement_timeout": step.statement_timeout.map(millis),
    });
    // Only where there is one: a plan without batches is known by the same fingerprint as before there were any.
    if let (Some(batch), Value::Object(fields)) = (&step.batch, &mut form) {
        let batch = json!({
            "table": batch.table,
            "key": batch.key,
            "size": batch.size,
            "target": millis(batch.target),
            "max_lag": batch.max_lag.map(millis),
        });
        fields.insert("batch".to_owned(), batch);
    }
    form
}

fn of_check(check: &Check<Rendered>) -> Value {
    json!({ "id": check.id, "severity": check.severity, "kind": of_kind(&check.kind) })
}

fn of_kind(kind: &CheckKind<Rendered>) -> Value {
    let fields: Map<String, Value> = kind.fields.iter().map(|(name, value)| ((*name).to_owned(), of_field(value))).collect();
    json!({ (kind.name): fields })
}

fn of_field(value: &FieldValue<Rendered>) -> Value {
    match value {
        FieldValue::Absent => Value::Null,
        FieldValue::Tables(texts) | FieldValue::Objects(texts) | FieldValue::Texts(texts) => json!(texts),
        FieldValue::Table(text) | FieldValue::Text(text) => json!(text),
        FieldValue::Word(word) => json!(word),
        FieldValue::Flag(yes) => json!(yes),
        FieldValue::Count(number) => json!(number),
        FieldValue::Bounds(bounds) => json!(bounds),
        FieldValue::Pattern(pattern) => of_pattern(pattern),
        FieldValue::Query(query) => json!(sql(query)),
        FieldValue::Expect(expect) => of_expect(expect),
    }
}

fn of_pattern(pattern: &Pattern<Rendered>) -> Value {
    match pattern {
        Pattern::Uuid => json!("uuid"),
        Pattern::Email => json!("email"),
        Pattern::Regex(regex) => json!({ "regex": regex }),
    }
}

fn of_expect(expect: &Expect<Rendered>) -> Value {
    match expect {
        Expect::Rows(bounds) => json!({ "rows": bounds }),
        Expect::Value(value) => json!({ "value": value }),
        Expect::Number(bounds) => json!({ "number": bounds }),
    }
}

/// Of a text with secrets only what may be shown has a part in this.
fn sql(text: &Text) -> String {
    normalized(text.shown())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
