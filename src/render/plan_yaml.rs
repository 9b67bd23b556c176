//! A plan as YAML, in the shape of the plan format: rendered, for people and for what changed since; or as it is written, in the
//! one form that all plans of the same meaning share.
//!
//! Secrets are redacted. What a plan leaves to its defaults is written out, what it has nothing of is left out.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::plan::{
    self, Batch, Check, CheckKind, CountBounds, Expect, FieldValue, LintException, List, Pattern, Plan, Rendered, Retry,
    SecretSource, Severity, SqlSource, Stage, Step, StepTransaction, Template, Text, Variable, Written,
};

/// The plan as YAML.
pub(super) fn yaml(plan: &Plan<Rendered>) -> String {
    // What is written are maps, lists, texts and numbers, which YAML has a form for.
    serde_yaml::to_string(&view(plan)).unwrap_or_default()
}

/// A plan as it is written, without comments, layout and order: templates stay templates, and files that it names stay
/// names. Two plans that differ in nothing else come out equal.
pub fn normal(plan: &Plan<Written>) -> String {
    let vars: Map<String, Value> = plan.vars.iter().map(|(name, of)| (name.to_string(), variable(of))).collect();
    let templates: Vec<Value> = plan.templates.iter().map(ToYamlValue::value).collect();
    let mut form = json!({ "format": "backstop/v1", "vars": vars, "templates": templates });
    if let (Value::Object(form), Value::Object(view)) = (&mut form, view(plan)) {
        form.extend(view);
    }
    serde_yaml::to_string(&kept(form)).unwrap_or_default()
}

/// One step of a plan as YAML, secrets redacted.
pub fn step_yaml(of: &Step<Rendered>) -> String {
    serde_yaml::to_string(&step(of)).unwrap_or_default()
}

/// One check of a plan as YAML, secrets redacted.
pub fn check_yaml(of: &Check<Rendered>) -> String {
    serde_yaml::to_string(&check(of)).unwrap_or_default()
}

/// A text, or something that is made of texts, at some stage of a plan.
trait ToYamlValue {
    fn value(&self) -> Value;
}

impl ToYamlValue for Text {
    fn value(&self) -> Value {
        json!(self.shown())
    }
}

impl ToYamlValue for Template {
    fn value(&self) -> Value {
        json!(self.source)
    }
}

impl ToYamlValue for Vec<Text> {
    fn value(&self) -> Value {
        json!(self)
    }
}

impl ToYamlValue for List {
    fn value(&self) -> Value {
        match self {
            List::Items(items) => items.iter().map(ToYamlValue::value).collect(),
            List::Whole(template) => template.value(),
        }
    }
}

impl ToYamlValue for u64 {
    fn value(&self) -> Value {
        json!(self)
    }
}

impl<T: ToYamlValue> ToYamlValue for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToYamlValue::value)
    }
}

/// The SQL of a step, at some stage of a plan.
trait ShownSql {
    /// The name of its field, and what stands there.
    fn entry(&self) -> (&'static str, Value);
}

impl ShownSql for Text {
    fn entry(&self) -> (&'static str, Value) {
        ("sql", sql(self))
    }
}

impl ShownSql for SqlSource {
    fn entry(&self) -> (&'static str, Value) {
        match self {
            SqlSource::Inline(template) => ("sql", sql(template)),
            SqlSource::File(path) => ("sql_file", path.value()),
        }
    }
}

/// A stage whose texts can be shown.
trait ShownStage: Stage<Text: ToYamlValue, List: ToYamlValue, Number: ToYamlValue, Sql: ShownSql> {}

impl<S: Stage<Text: ToYamlValue, List: ToYamlValue, Number: ToYamlValue, Sql: ShownSql>> ShownStage for S {}

fn variable(variable: &Variable) -> Value {
    let Variable { kind, default, required, description, at: _ } = variable;
    kept(json!({
        "type": kind,
        "default": default.as_ref().map(of_value),
        "required": required.then_some(true),
        "description": description,
    }))
}

fn of_value(value: &plan::Value) -> Value {
    match value {
        plan::Value::String(text) => json!(text),
        plan::Value::Integer(number) => json!(number),
        plan::Value::Number(number) => json!(number),
        plan::Value::Boolean(yes) => json!(yes),
        plan::Value::List(items) => items.iter().map(of_value).collect(),
        plan::Value::Secret(SecretSource::Env(variable)) => json!({ "env": variable }),
        plan::Value::Secret(SecretSource::File(file)) => json!({ "file": file }),
    }
}

fn view<S: ShownStage>(plan: &Plan<S>) -> Value {
    let requires: Vec<&str> = plan.requires.iter().map(|(name, _)| name.as_str()).collect();
    let target =
        |target: &plan::Target<S>| kept(json!({ "tables": target.tables.value(), "exclude": target.exclude.value() }));
    let targets: Vec<Value> = plan.backup.targets.iter().map(target).collect();
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
            "search_path": plan.session.search_path.value(),
        })),
        "backup": kept(json!({
            "schema": plan.backup.schema.value(),
            "keep": plan.backup.keep,
            "writers": plan.backup.writers,
            "sequences": plan.backup.sequences,
            "verify": plan.backup.verify,
            "targets": targets,
            "allow_uncovered": plan.backup.allow_uncovered.value(),
            "execute_role": plan.backup.execute_role.value(),
            "admin_role": plan.backup.admin_role.value(),
        })),
        "checks": kept(json!({
            "before": checks(&plan.checks.before),
            "unchanged": checks(&plan.checks.unchanged),
            "after": checks(&plan.checks.after),
        })),
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "rollback": plan.rollback,
        "lint": exceptions(&plan.lint),
    }))
}

fn step<S: ShownStage>(step: &Step<S>) -> Value {
    let checks: Vec<&str> = step.checks.iter().map(|(id, _)| id.as_str()).collect();
    let (sql_field, sql_text) = step.sql.entry();
    kept(json!({
        "id": step.id,
        "description": step.description,
        "transaction": (step.transaction == StepTransaction::None).then_some("none"),
        "lock_timeout": step.lock_timeout.map(time),
        "statement_timeout": step.statement_timeout.map(time),
        "batch": step.batch.as_ref().map(batch),
        "retry": (step.retry != Retry::default())
            .then(|| json!({ "attempts": step.retry.attempts, "backoff": time(step.retry.backoff) })),
        (sql_field): sql_text,
        "expect_rows": step.expect_rows.map(bounds),
        "checks": checks,
        "undo": step.undo.as_ref().map(sql),
        "probe": step.probe.as_ref().map(sql),
        "lint": exceptions(&step.lint),
    }))
}

fn exceptions(exceptions: &[LintException]) -> Value {
    let one = |LintException { rule, reason, at: _ }: &LintException| json!({ "rule": rule, "reason": reason });
    kept(json!({ "allow": exceptions.iter().map(one).collect::<Vec<_>>() }))
}

fn batch<S: ShownStage>(batch: &Batch<S>) -> Value {
    kept(json!({
        "table": batch.table.value(),
        "key": batch.key.value(),
        "size": batch.size.value(),
        "target": time(batch.target),
        "max_lag": batch.max_lag.map(time),
    }))
}

fn checks<S: ShownStage>(checks: &[Check<S>]) -> Vec<Value> {
    checks.iter().map(check).collect()
}

fn check<S: ShownStage>(check: &Check<S>) -> Value {
    let mut view = Map::new();
    view.insert("id".to_owned(), json!(check.id));
    asked(&check.kind, &mut view);
    if check.severity != Severity::default() {
        view.insert("severity".to_owned(), json!(check.severity));
    }
    if let Some(hint) = &check.hint {
        view.insert("hint".to_owned(), json!(hint));
    }
    Value::Object(view)
}

/// A kind is a map of its fields; only a query of the plan's own stands beside what it must answer.
fn asked<S: ShownStage>(kind: &CheckKind<S>, view: &mut Map<String, Value>) {
    let mut fields = Map::new();
    for (name, value) in &kind.fields {
        let name = (*name).to_owned();
        match value {
            FieldValue::Absent => {}
            FieldValue::Tables(list) | FieldValue::Objects(list) | FieldValue::Texts(list) => {
                fields.insert(name, list.value());
            }
            FieldValue::Table(text) | FieldValue::Text(text) => {
                fields.insert(name, text.value());
            }
            FieldValue::Word(word) => {
                fields.insert(name, json!(word));
            }
            FieldValue::Flag(yes) => {
                fields.insert(name, json!(yes));
            }
            FieldValue::Count(number) => {
                fields.insert(name, json!(number));
            }
            FieldValue::Bounds(bounds) => {
                fields.insert("at_least".to_owned(), json!(bounds.at_least));
                fields.insert("at_most".to_owned(), json!(bounds.at_most));
            }
            FieldValue::Pattern(pattern) => {
                fields.insert(name, of_pattern(pattern));
            }
            FieldValue::Query(query) => {
                view.insert(name, sql(query));
            }
            FieldValue::Expect(expect) => {
                view.insert(name, of_expect(expect));
            }
        }
    }
    if kind.query().is_none() {
        view.insert(kind.name.to_owned(), kept(Value::Object(fields)));
    }
}

fn of_pattern<S: ShownStage>(pattern: &Pattern<S>) -> Value {
    match pattern {
        Pattern::Uuid => json!("uuid"),
        Pattern::Email => json!("email"),
        Pattern::Regex(regex) => json!({ "regex": regex.value() }),
    }
}

fn of_expect<S: ShownStage>(expect: &Expect<S>) -> Value {
    match expect {
        Expect::Rows(rows) => json!({ "rows": bounds(*rows) }),
        Expect::Value(value) => json!({ "value": value.value() }),
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
fn sql(text: &impl ToYamlValue) -> Value {
    let text = text.value();
    let lines = text.as_str().unwrap_or_default().trim_end().lines().map(str::trim_end);
    json!(lines.skip_while(|line| line.is_empty()).collect::<Vec<_>>().join("\n"))
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
