//! What is secret in a secret that is a JSON document, as secret managers and cloud providers give them.

use serde_json::Value;

/// How deep a document may stand as a string in another.
const DEPTH_MAX: u32 = 8;
/// Numbers of fewer characters would be anywhere.
const NUMBER_CHARS_MIN: usize = 8;

/// The document as `jsonb` and as programs write it, and each of its strings and long numbers; nothing where it is none.
pub(super) fn parts(secret: &str) -> Vec<String> {
    let mut parts = Vec::new();
    add(secret, DEPTH_MAX, &mut parts);
    parts
}

fn add(text: &str, depth: u32, parts: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => {
            parts.extend([jsonb(&value), value.to_string()]);
            add_values(&value, depth, parts);
        }
        Ok(Value::String(inner)) => {
            add(&inner, depth, parts);
            parts.push(inner);
        }
        _ => {}
    }
}

fn add_values(value: &Value, depth: u32, parts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            add(text, depth, parts);
            parts.push(text.clone());
        }
        Value::Number(number) => parts.extend(Some(number.to_string()).filter(|text| text.len() >= NUMBER_CHARS_MIN)),
        Value::Array(items) => items.iter().for_each(|item| add_values(item, depth, parts)),
        Value::Object(fields) => fields.values().for_each(|item| add_values(item, depth, parts)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The text that `jsonb` has: shorter names first, and of equally long ones by their bytes
/// (<https://www.postgresql.org/docs/current/datatype-json.html>).
fn jsonb(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(jsonb).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| (name.len(), name.as_bytes()));
            let field = |(name, value): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), jsonb(value));
            format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_its_form_as_jsonb_and_its_strings_are_known() {
        let parts = parts(r#"{"user":"svc","key":{"n":[1,"hunter2"],"id":1234567890},"doc":"{\"a\":\"inner\"}"}"#);
        for part in [
            r#"{"doc": "{\"a\":\"inner\"}", "key": {"n": [1, "hunter2"], "id": 1234567890}, "user": "svc"}"#,
            "svc",
            "hunter2",
            "1234567890",
            r#"{"a": "inner"}"#,
            "inner",
        ] {
            assert!(parts.iter().any(|one| one == part), "{part} in {parts:?}");
        }
        assert_eq!(super::parts("\"quoted\""), ["quoted"]);
        assert!(super::parts("plain").is_empty() && super::parts("4711").is_empty());
    }
}
