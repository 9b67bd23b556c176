//! Shapes: the fields of a map, declared once, from which both the reading and the schema come.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{
    diagnostics::{Diagnostics, instead, problem},
    node::{MapEntry, NodeKind, ValueNode, shortened},
};
use crate::plan::Place;

/// A value that can be read from the tree; what is wrong with it goes to the diagnostics.
pub(super) trait FromNode: Sized + JsonSchema {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self>;
}

/// One field of a shape: whether it was given, and its value where that is good.
#[derive(Debug, Clone)]
pub(super) struct ShapeField<T> {
    /// Where the field's name stands, if it stands anywhere.
    pub(super) key: Option<Place>,
    /// Where the value stands.
    pub(super) at: Option<Place>,
    /// The value; nothing where it is missing, or bad, which then has been reported.
    pub(super) value: Option<T>,
}

impl<T> ShapeField<T> {
    /// One that is not there.
    pub(super) fn nothing() -> Self {
        ShapeField { key: None, at: None, value: None }
    }

    /// The same places without the value.
    pub(super) fn mark<U>(&self) -> ShapeField<U> {
        ShapeField { key: self.key, at: self.at, value: None }
    }

    pub(super) fn is_given(&self) -> bool {
        self.key.is_some()
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> Option<U>) -> ShapeField<U> {
        ShapeField { key: self.key, at: self.at, value: self.value.and_then(change) }
    }
}

/// A field's name that a shape doesn't know, but has something to say of.
pub(super) struct FieldRefusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The fields of a map while a shape takes its own from them.
pub(super) struct Fields<'n, 's> {
    /// The place that stands for the map in a message.
    pub(super) at: Place,
    entries: Vec<Option<&'n MapEntry>>,
    diagnostics: &'s mut Diagnostics,
}

impl<'n, 's> Fields<'n, 's> {
    /// The fields of a map; anything else is reported.
    pub(super) fn of(node: &'n ValueNode, diagnostics: &'s mut Diagnostics, expected: &str) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(entries) => {
                Some(Fields { at: node.face(), entries: entries.iter().map(Some).collect(), diagnostics })
            }
            _ => {
                wrong_type(node, expected, diagnostics);
                None
            }
        }
    }

    /// A field that must be there.
    pub(super) fn must<T: FromNode>(&mut self, name: &str) -> ShapeField<T> {
        let field = self.may(name);
        if !field.is_given() {
            let message = format!("the field `{name}` is missing");
            self.diagnostics.report("backstop::load::missing_field", self.at, message, format!("Add `{name}`."));
        }
        field
    }

    /// A field that may be left out.
    pub(super) fn may<T: FromNode>(&mut self, name: &str) -> ShapeField<T> {
        self.may_by(name, T::read)
    }

    /// The same, read in a way of its own.
    pub(super) fn may_by<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&ValueNode, &mut Diagnostics) -> Option<T>,
    ) -> ShapeField<T> {
        let found = self.entries.iter_mut().find(|entry| entry.is_some_and(|entry| entry.key == name));
        match found.and_then(Option::take) {
            None => ShapeField::nothing(),
            Some(entry) => {
                ShapeField { key: Some(entry.key_at), at: Some(entry.value.at), value: read(&entry.value, self.diagnostics) }
            }
        }
    }

    /// Reports what no field took.
    pub(super) fn finish(self, known: &[&str], refuse: fn(&str) -> Option<FieldRefusal>) {
        for entry in self.entries.into_iter().flatten() {
            if self.diagnostics.is_full() {
                self.diagnostics.count();
                continue;
            }
            let found = match refuse(&entry.key) {
                Some(refusal) => problem(refusal.code, entry.key_at, refusal.message, refusal.help),
                None => {
                    let help = match entry.key.as_str() {
                        "<<" => "Merge keys are no part of YAML 1.2: write the fields out.".to_owned(),
                        key => instead(key, known),
                    };
                    let message = format!("unknown field `{}`", shortened(&entry.key));
                    problem("backstop::load::unknown_field", entry.key_at, message, help)
                }
            };
            self.diagnostics.push(found);
        }
    }
}

/// Reports that something else stands where a kind of value is wanted.
pub(super) fn wrong_type(node: &ValueNode, expected: &str, diagnostics: &mut Diagnostics) {
    let message = format!("expected {expected}, found {}", node.describe());
    let help = match &node.kind {
        NodeKind::Scalar(scalar) if scalar.meaning == super::node::Meaning::Null => {
            "Write a value, or leave the field out.".into()
        }
        NodeKind::Scalar(scalar) if scalar.meaning == super::node::Meaning::Text && !expected.contains("text") => {
            if scalar.text.contains("{{") {
                "Templates are for texts and lists of texts: write the value itself.".to_owned()
            } else {
                format!("Write {expected}; quotes make a text of anything.")
            }
        }
        _ => format!("Write {expected}."),
    };
    diagnostics.report("backstop::load::wrong_type", node.at, message, help);
}

/// The schema of a map with these fields.
pub(super) struct MapSchema {
    properties: Map<String, Value>,
    required: Vec<String>,
    about: String,
}

impl MapSchema {
    pub(super) fn new(about: &[&str]) -> Self {
        MapSchema { properties: Map::new(), required: Vec::new(), about: joined(about) }
    }

    pub(super) fn field<T: JsonSchema>(&mut self, generator: &mut SchemaGenerator, name: &str, need: &str, about: &[&str]) {
        self.add(name, need, about, generator.subschema_for::<T>());
    }

    pub(super) fn add(&mut self, name: &str, need: &str, about: &[&str], mut schema: Schema) {
        if !about.is_empty() {
            schema.insert("description".to_owned(), Value::String(joined(about)));
        }
        self.properties.insert(name.to_owned(), schema.into());
        if need == "must" {
            self.required.push(name.to_owned());
        }
    }

    pub(super) fn finish(self, rules: Value) -> Schema {
        let mut schema = json!({"type": "object", "description": self.about, "properties": self.properties});
        if let Some(object) = schema.as_object_mut() {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
            if !self.required.is_empty() {
                object.insert("required".to_owned(), self.required.into());
            }
            if let Value::Array(rules) = rules
                && !rules.is_empty()
            {
                object.insert("allOf".to_owned(), rules.into());
            }
        }
        Schema::try_from(schema).unwrap_or_default()
    }
}

/// Doc lines as one text.
fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The name that a type has among the schema's definitions.
pub(super) type Title = Cow<'static, str>;

/// Declares a shape: `must` and `may` fields, and, behind `rules`, what JSON Schema must know beyond them, as a list of
/// schemas that all hold.
macro_rules! shape {
    (
        $(#[doc = $about:literal])*
        $name:ident, $what:literal {
            $($(#[doc = $doc:literal])* $need:ident $field:ident: $type:ty,)*
        }
        $(rules $rules:expr;)?
        $(refuses $refuses:expr;)?
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone)]
        pub(in crate::load) struct $name {
            /// The place that stands for the whole in a message.
            #[allow(dead_code, reason = "not every shape is spoken of as a whole")]
            pub(in crate::load) at: $crate::plan::Place,
            $($(#[doc = $doc])* pub(in crate::load) $field: $crate::load::shape::ShapeField<$type>,)*
        }

        impl $crate::load::shape::FromNode for $name {
            fn read(node: &$crate::load::node::ValueNode, diagnostics: &mut $crate::load::diagnostics::Diagnostics) -> Option<Self> {
                let mut fields = $crate::load::shape::Fields::of(node, diagnostics, $what)?;
                let shape = $name {
                    at: fields.at,
                    $($field: fields.$need($crate::load::shape::bare(stringify!($field))),)*
                };
                let refuse: fn(&str) -> Option<$crate::load::shape::FieldRefusal> = |_| None;
                $(let refuse: fn(&str) -> Option<$crate::load::shape::FieldRefusal> = { let _ = refuse; $refuses };)?
                fields.finish(&[$($crate::load::shape::bare(stringify!($field))),*], refuse);
                Some(shape)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> $crate::load::shape::Title {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut map = $crate::load::shape::MapSchema::new(&[$($about),*]);
                $(map.field::<$type>(
                    generator,
                    $crate::load::shape::bare(stringify!($field)),
                    stringify!($need),
                    &[$($doc),*],
                );)*
                let rules = serde_json::json!([]);
                $(let rules = { let _ = rules; $rules };)?
                map.finish(rules)
            }
        }
    };
}

/// A field's name as the file has it: `type` is a word of Rust's.
pub(super) fn bare(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

pub(super) use shape;
