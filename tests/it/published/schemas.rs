//! Our own schemas: committed as they are generated, and held so that an output has no field that its schema lacks.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value};

use crate::support::backstop;

/// The committed schemas, as `schema --of` calls them and as their files are called.
const SCHEMAS: [(&str, &str); 8] = [
    ("plan", "plan"),
    ("repository", "backstop"),
    ("saved-plan", "saved-plan"),
    ("lint", "lint"),
    ("diff", "diff"),
    ("dry-run", "dry-run"),
    ("events", "events"),
    ("answers", "answers"),
];

fn committed(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(format!("{file}.schema.json"));
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

#[test]
fn every_committed_schema_is_the_generated_one() {
    for (of, file) in SCHEMAS {
        let generated = backstop(&["schema", "--of", of]).expect_code(0).stdout;
        assert!(generated.trim_end() == committed(file).trim_end(), "schemas/{file}.schema.json differs: run `just schema`");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    assert_eq!(fs::read_dir(folder).unwrap().count(), SCHEMAS.len());
}

/// One of our schemas that allows nothing beyond what it names.
pub struct Strict(jsonschema::Validator);

impl Strict {
    pub fn of(file: &str) -> Self {
        let mut schema: Value = serde_json::from_str(&committed(file)).unwrap();
        let mut parts = BTreeSet::new();
        extended(&schema, &mut parts);
        let definitions = schema["$defs"].as_object_mut().map(std::mem::take).unwrap_or_default();
        close(&mut schema);
        let closed = definitions.into_iter().map(|(name, mut definition)| {
            match parts.contains(&name) {
                // It is a part of what extends it, and closed there.
                true => definition.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(close),
                false => close(&mut definition),
            }
            (name, definition)
        });
        schema["$defs"] = Value::Object(closed.collect());
        Strict(jsonschema::validator_for(&schema).unwrap())
    }

    /// A value fits.
    #[track_caller]
    pub fn holds(&self, value: &Value) {
        let errors: Vec<String> =
            self.0.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(errors.is_empty(), "{}\n{value:#}", errors.join("\n"));
    }

    /// Every line fits. Gives what each line is: the kind of its event, or its own.
    #[track_caller]
    pub fn holds_lines(&self, text: &str) -> Vec<String> {
        let mut kinds = Vec::new();
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
            self.holds(&value);
            kinds.push(value["event"]["kind"].as_str().or(value["kind"].as_str()).unwrap_or_default().to_owned());
        }
        kinds
    }

    #[track_caller]
    pub fn refuses(&self, value: &Value) {
        assert!(!self.0.is_valid(value), "{value:#}");
    }
}

/// Definitions that another schema extends with properties of its own: what a tagged variant holds.
fn extended(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let (Some(Value::String(reference)), true) = (fields.get("$ref"), fields.contains_key("properties")) {
                found.extend(reference.strip_prefix("#/$defs/").map(str::to_owned));
            }
            fields.values().for_each(|inner| extended(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| extended(inner, found)),
        _ => {}
    }
}

/// Closes every object with named properties.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.get("properties").is_some_and(|properties| properties.is_object())
                && fields.get("type").is_some_and(|kind| kind == "object")
            {
                fields.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
