//! The JSON Schemas of what is printed line by line, and of single answers.

use schemars::{SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;

use super::{announcement::Announcement, document::Answer};
use crate::report::json::{EventLine, Last};

/// The schema of a line of `apply`, `resume`, `restore`, `accept`, `settle`, `show` and `demo` under `--format json`
/// (JSON Schema 2020-12).
pub fn events() -> Value {
    any_of("backstop events", |generator| {
        vec![
            generator.subschema_for::<EventLine<'static>>(),
            generator.subschema_for::<Last<'static>>(),
            generator.subschema_for::<Announcement>(),
        ]
    })
}

/// The schema of what all other commands print under `--format json`, but for the reports that have one of their own
/// (JSON Schema 2020-12).
pub fn answers() -> Value {
    any_of("backstop answers", |generator| {
        vec![
            generator.subschema_for::<Answer>(),
            generator.subschema_for::<Last<'static>>(),
            generator.subschema_for::<Announcement>(),
        ]
    })
}

fn any_of(title: &str, forms: impl FnOnce(&mut SchemaGenerator) -> Vec<schemars::Schema>) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let forms = forms(&mut generator);
    let definitions = generator.take_definitions(true);
    let mut schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "anyOf": forms,
    });
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    schema.into()
}
