//! A check as a question that the database can ask itself: what `backstop.ask` understands.

use serde_json::{Map, Value, json};

use crate::{
    checks::{Of, Question, question},
    plan::{Check, Expect, FieldValue, Pattern, Rendered, Severity, Text},
    sql::TablePattern,
};

/// Changed with what `backstop.ask` understands.
pub const FORM: u32 = 2;

/// The question, or `{"error": …}` where it can't be stored: a secret is part of it, or a name is none.
pub fn stored(check: &Check<Rendered>) -> Value {
    if check.kind.fields.iter().any(|(_, value)| has_secret(value)) {
        let why = "a secret is part of it, and secrets are not stored: ask it with `backstop check`";
        return json!({ "error": why });
    }
    let is_open = check.kind.query().is_some() && matches!(check.kind.field("expect"), Some(FieldValue::Absent));
    if is_open && check.severity != Severity::Info {
        return json!({ "error": "it says nothing of what to expect" });
    }
    question(check).and_then(|question| of_question(&question)).unwrap_or_else(|why| json!({ "error": why }))
}

fn of_question(question: &Question) -> Result<Value, String> {
    let mut stored = Map::new();
    let mut put = |name: &str, value: Value| stored.insert(name.to_owned(), value);
    put("form", json!(FORM));
    put("sql", json!(question.sql));
    put("under_path", json!(question.is_under_path));
    match &question.of {
        Of::Database => {}
        Of::Query(query) => {
            put("query", json!(query.sent()));
        }
        Of::Tables(tables) => {
            put("tables", tables.names.iter().map(pattern).collect::<Result<_, _>>()?);
            if let Some(other) = &tables.other {
                put("other", pattern(other)?);
            }
            put("missing_is_an_answer", json!(tables.is_missing_an_answer));
            put("nothing", json!(tables.nothing));
        }
    }
    Ok(Value::Object(stored))
}

fn pattern(text: &Text) -> Result<Value, String> {
    let pattern = TablePattern::parse(text.sent()).map_err(|why| format!("`{text}` {why}"))?;
    let (schema, name) = pattern.regexes();
    Ok(json!({"shown": text.shown(), "schema": schema, "name": name, "exact": pattern.exact().is_some()}))
}

fn has_secret(value: &FieldValue<Rendered>) -> bool {
    let is_secret = |text: &Text| text.sent() != text.shown();
    match value {
        FieldValue::Tables(texts) | FieldValue::Objects(texts) | FieldValue::Texts(texts) => texts.iter().any(is_secret),
        FieldValue::Table(text)
        | FieldValue::Text(text)
        | FieldValue::Query(text)
        | FieldValue::Pattern(Pattern::Regex(text))
        | FieldValue::Expect(Expect::Value(text)) => is_secret(text),
        FieldValue::Absent
        | FieldValue::Word(_)
        | FieldValue::Flag(_)
        | FieldValue::Count(_)
        | FieldValue::Bounds(_)
        | FieldValue::Pattern(Pattern::Uuid | Pattern::Email)
        | FieldValue::Expect(Expect::Rows(_) | Expect::Number(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{checks::find, plan::Place};

    fn stored_of(kind: &str, values: Vec<(&str, FieldValue<Rendered>)>) -> Value {
        let (id, kind) = (crate::plan::CheckId::parse("c").unwrap(), find(kind).unwrap().of(values));
        stored(&Check { id, at: Place::default(), kind, severity: Severity::Fail, hint: None })
    }

    #[test]
    fn secrets_are_not_stored() {
        let secret = Text::redacted("'***'", "'hunter2'");
        let table = || ("tables", FieldValue::Tables(vec![Text::plain("public.t")]));
        for (kind, values) in [
            ("sql", vec![("sql", FieldValue::Query(secret.clone()))]),
            (
                "sql",
                vec![
                    ("sql", FieldValue::Query(Text::plain("SELECT 1"))),
                    ("expect", FieldValue::Expect(Expect::Value(secret.clone()))),
                ],
            ),
            ("not_null", vec![table(), ("columns", FieldValue::Texts(vec![secret.clone()]))]),
            (
                "matches",
                vec![
                    table(),
                    ("column", FieldValue::Text(Text::plain("a"))),
                    ("pattern", FieldValue::Pattern(Pattern::Regex(secret.clone()))),
                ],
            ),
        ] {
            let stored = stored_of(kind, values);
            assert!(stored.get("error").is_some_and(|why| why.to_string().contains("secret")), "{stored}");
            assert!(!stored.to_string().contains("hunter2"), "{stored}");
        }
    }

    #[test]
    fn what_is_no_name_is_stored_as_an_error() {
        let columns = || ("columns", FieldValue::Texts(vec![Text::plain("a")]));
        let tables = |name: &str| ("tables", FieldValue::Tables(vec![Text::plain(name)]));
        assert_eq!(stored_of("not_null", vec![tables("a;b"), columns()])["error"], "`a;b` holds ';' outside double quotes");
        assert_eq!(stored_of("not_null", vec![tables("public.t"), columns()])["tables"][0]["name"], "^t$");
    }
}
