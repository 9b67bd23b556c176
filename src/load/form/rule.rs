//! Rules that JSON Schema knows beyond fields and their types.

use serde_json::{Value, json};

/// Exactly one of the fields.
pub(super) fn exactly_one(fields: &[&str]) -> Value {
    json!({"oneOf": fields.iter().map(|field| json!({"required": [field]})).collect::<Vec<_>>()})
}

/// One of the fields or none.
pub(super) fn at_most_one(fields: &[&str]) -> Value {
    let mut pairs = Vec::new();
    for (nth, one) in fields.iter().enumerate() {
        pairs.extend(fields.iter().skip(nth + 1).map(|other| json!({"required": [one, other]})));
    }
    json!({"not": {"anyOf": pairs}})
}

/// At least one of the fields.
pub(super) fn any_of(fields: &[&str]) -> Value {
    json!({"anyOf": fields.iter().map(|field| json!({"required": [field]})).collect::<Vec<_>>()})
}

/// Where the first field has the value, the second rule holds.
pub(super) fn when(field: &str, value: Value, then: Value) -> Value {
    json!({"if": {"required": [field], "properties": {field: {"const": value}}}, "then": then})
}

/// None of the fields.
pub(super) fn none_of(fields: &[&str]) -> Value {
    json!({"not": any_of(fields)})
}
