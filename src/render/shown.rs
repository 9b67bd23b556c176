//! A rendered plan as YAML, in the shape of the plan format: for people, and for what changed since.
//!
//! Secrets are redacted. What a plan leaves to its defaults is written out, what it has nothing of is left out.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::plan::{
    Batch, Check, CheckKind, CountBounds, Expect, Pattern, Plan, Rendered, Retry, Severity, Step, StepTransaction, Text,
};

/// The plan as YAML.
pub(super) fn yaml(plan: &Plan<Rendered>) -> String {
    // What is written are maps, lists, texts and numbers, which YAML has a form for.
    serde_yaml::to_string(&view(plan)).unwrap_or_default()
}

/// One step of a plan as YAML, secrets redacted.
pub fn step_yaml(of: &Step<Rendered>) -> String {
    serde_yaml::to_string(&step(of)).unwrap_or_default()
}

/// One check of a plan as YAML, secrets redacted.
pub fn check_yaml(of: &Check<Rendered>) -> String {
    serde_yaml::to_string(&check(of)).unwrap_or_default()
}

fn view(plan: &Plan<Rendered>) -> Value {
    let requires: Vec<&str> = plan.requires.iter().map(|(name, _)| name.as_str()).collect();
    let targets: Vec<Value> = plan.backup.targets.iter().map(|target| json!({ "tables": target.tables })).collect();
    kept(json!({
        "name": plan.name,
        "description": plan.description,
        "owner": plan.owner,
        "links": plan.links,
        "requires": requires,
        "repeat": plan.repeat,
        "transaction": plan.transaction,
        "session": kept(json!({
            "lock_timeout": time(plan.session.lock_timeout),
            "statement_timeout": time(plan.session.statement_timeout),
            "idle_in_transaction_session_timeout": time(plan.session.idle_in_transaction_session_timeout),
            "search_path": plan.session.search_path,
        })),
        "backup": kept(json!({
            "schema": plan.backup.schema,
            "keep": plan.backup.keep,
            "writers": plan.backup.writers,
            "sequences": plan.backup.sequences,
            "verify": plan.backup.verify,
            "targets": targets,
            "allow_uncovered": plan.backup.allow_uncovered,
            "execute_role": plan.backup.execute_role,
            "admin_role": plan.backup.admin_role,
        })),
        "checks": kept(json!({
            "before": checks(&plan.checks.before),
            "unchanged": checks(&plan.checks.unchanged),
            "after": checks(&plan.checks.after),
        })),
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "rollback": plan.rollback,
    }))
}

fn step(step: &Step<Rendered>) -> Value {
    let checks: Vec<&str> = step.checks.iter().map(|(id, _)| id.as_str()).collect();
    kept(json!({
        "id": step.id,
        "description": step.description,
        "transaction": (step.transaction == StepTransaction::None).then_some("none"),
        "lock_timeout": step.lock_timeout.map(time),
        "statement_timeout": step.statement_timeout.map(time),
        "batch": step.batch.as_ref().map(batch),
        "retry": (step.retry != Retry::default())
            .then(|| json!({ "attempts": step.retry.attempts, "backoff": time(step.retry.backoff) })),
        "sql": sql(&step.sql),
        "expect_rows": step.expect_rows.map(bounds),
        "checks": checks,
        "undo": step.undo.as_ref().map(sql),
        "probe": step.probe.as_ref().map(sql),
    }))
}

fn batch(batch: &Batch<Rendered>) -> Value {
    kept(json!({
        "table": batch.table,
        "key": batch.key,
        "size": batch.size,
        "target": time(batch.target),
        "max_lag": batch.max_lag.map(time),
    }))
}

fn checks(checks: &[Check<Rendered>]) -> Vec<Value> {
    checks.iter().map(check).collect()
}

fn check(check: &Check<Rendered>) -> Value {
    let mut view = Map::new();
    view.insert("id".to_owned(), json!(check.id));
    let (name, asked) = kind(&check.kind);
    view.insert(name.to_owned(), kept(asked));
    if let CheckKind::Sql { expect: Some(expect), .. } = &check.kind {
        view.insert("expect".to_owned(), of_expect(expect));
    }
    if check.severity != Severity::default() {
        view.insert("severity".to_owned(), json!(check.severity));
    }
    if let Some(hint) = &check.hint {
        view.insert("hint".to_owned(), json!(hint));
    }
    Value::Object(view)
}

fn kind(kind: &CheckKind<Rendered>) -> (&'static str, Value) {
    use CheckKind as K;
    match kind {
        K::TableExists { tables, columns } => ("table_exists", json!({ "tables": tables, "columns": columns })),
        K::ColumnType { tables, column, data_type } => {
            ("column_type", json!({ "tables": tables, "column": column, "type": data_type }))
        }
        K::RowCount { tables, bounds } => {
            ("row_count", json!({ "tables": tables, "at_least": bounds.at_least, "at_most": bounds.at_most }))
        }
        K::NotNull { tables, columns } => ("not_null", json!({ "tables": tables, "columns": columns })),
        K::Unique { tables, columns } => ("unique", json!({ "tables": tables, "columns": columns })),
        K::Matches { tables, column, pattern } => {
            ("matches", json!({ "tables": tables, "column": column, "pattern": of_pattern(pattern) }))
        }
        K::References { tables, columns, to, to_columns } => {
            ("references", json!({ "tables": tables, "columns": columns, "to": to, "to_columns": to_columns }))
        }
        K::ForeignKey { tables, columns, to } => ("foreign_key", json!({ "tables": tables, "columns": columns, "to": to })),
        K::Index { tables, columns, name, unique } => {
            ("index", json!({ "tables": tables, "columns": columns, "name": name, "unique": unique }))
        }
        K::RowSecurity { tables, enabled, forced } => {
            ("row_security", json!({ "tables": tables, "enabled": enabled, "forced": forced }))
        }
        K::Policy { tables, name, at_least } => ("policy", json!({ "tables": tables, "name": name, "at_least": at_least })),
        K::Function { names, returns } => ("function", json!({ "names": names, "returns": returns })),
        K::Constraint { tables, name, kind, columns } => {
            ("constraint", json!({ "tables": tables, "name": name, "kind": kind, "columns": columns }))
        }
        K::Privilege { tables, role, privileges, granted } => {
            ("privilege", json!({ "tables": tables, "role": role, "privileges": privileges, "granted": granted }))
        }
        K::Extension { name, at_least } => ("extension", json!({ "name": name, "at_least": at_least })),
        K::Sql { sql: text, .. } => ("sql", json!(sql(text))),
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
        Expect::Rows(rows) => json!({ "rows": bounds(*rows) }),
        Expect::Value(value) => json!({ "value": value }),
        Expect::Number(number) => json!({ "number": bounds(*number) }),
    }
}

fn bounds(bounds: CountBounds) -> Value {
    match (bounds.at_least, bounds.at_most) {
        (Some(min), Some(max)) if min == max => json!(min),
        (at_least, at_most) => kept(json!({ "at_least": at_least, "at_most": at_most })),
    }
}

/// SQL without the blanks at the ends of lines and the empty lines around it that blocks of a template leave behind.
fn sql(text: &Text) -> String {
    let lines: Vec<&str> = text.shown().trim_end().lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    lines.join("\n")
}

fn time(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0 => "0s".to_owned(),
        _ if millis.is_multiple_of(3_600_000) => format!("{}h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) => format!("{}min", millis / 60_000),
        _ if millis.is_multiple_of(1_000) => format!("{}s", millis / 1_000),
        _ => format!("{millis}ms"),
    }
}

/// Without fields that have nothing in them.
fn kept(mut view: Value) -> Value {
    if let Value::Object(fields) = &mut view {
        fields.retain(|_, value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            _ => true,
        });
    }
    view
}
