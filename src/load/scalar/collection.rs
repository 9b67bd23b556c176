//! Lists and tables of shapes.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::text::id;
use crate::{
    load::{
        diagnostics::Diagnostics,
        node::{Meaning, NodeKind, ValueNode},
        shape::{FromNode, Title, wrong_type},
    },
    plan::{ID_BYTES_MAX, Place, PlanName, Template},
};

/// A list of shapes, from `MIN` to `MAX` of them; bad ones are left out.
#[derive(Debug, Clone)]
pub(in crate::load) struct Listed<T, const MIN: usize, const MAX: usize>(pub(in crate::load) Vec<T>);

/// Shapes by names that the plan chooses.
#[derive(Debug, Clone)]
pub(in crate::load) struct NamedShapes<T>(pub(in crate::load) Vec<(String, Place, Option<T>)>);

/// Shapes by names that may hold what ids may.
#[derive(Debug, Clone)]
pub(in crate::load) struct Keyed<T>(pub(in crate::load) Vec<(String, Place, Option<T>)>);

/// Whatever stands there, but not nothing: what it must be depends on another field.
#[derive(Debug, Clone)]
pub(in crate::load) struct Anything(pub(in crate::load) ValueNode);

impl<T: FromNode, const MIN: usize, const MAX: usize> FromNode for Listed<T, MIN, MAX> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            wrong_type(node, "a list", diagnostics);
            return None;
        };
        if items.len() < MIN {
            diagnostics.report("backstop::load::empty_list", node.at, "the list is empty", "Write at least one.");
            return None;
        }
        if items.len() > MAX {
            let message = format!("{} are more than a plan may hold", items.len());
            diagnostics.report("backstop::load::out_of_range", node.at, message, format!("Write {MAX} at most."));
            return None;
        }
        Some(Listed(items.iter().filter_map(|item| T::read(item, diagnostics)).collect()))
    }
}

impl<T: FromNode> FromNode for NamedShapes<T> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        named(node, diagnostics).map(NamedShapes)
    }
}

impl<T: FromNode> FromNode for Keyed<T> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut entries = named(node, diagnostics)?;
        entries.retain(|(name, at, _)| {
            let name = Template { source: name.clone(), at: *at };
            // Every name that is an id may stand here, whoever's it is.
            id(&name, PlanName::parse, ", `-`, `_` and `.`", diagnostics).is_some()
        });
        Some(Keyed(entries))
    }
}

fn named<T: FromNode>(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Vec<(String, Place, Option<T>)>> {
    let NodeKind::Map(entries) = &node.kind else {
        wrong_type(node, "a map", diagnostics);
        return None;
    };
    let read = |entry: &crate::load::node::MapEntry| (entry.key.clone(), entry.key_at, T::read(&entry.value, diagnostics));
    Some(entries.iter().map(read).collect())
}

impl FromNode for Anything {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        if matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.meaning == Meaning::Null) {
            wrong_type(node, "a value", diagnostics);
            return None;
        }
        Some(Anything(node.clone()))
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize> JsonSchema for Listed<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        format!("ListOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": generator.subschema_for::<T>(), "minItems": MIN, "maxItems": MAX})
    }
}

impl<T: JsonSchema> JsonSchema for NamedShapes<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        format!("TableOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": ID_BYTES_MAX},
            "additionalProperties": generator.subschema_for::<T>()
        })
    }
}

impl<T: JsonSchema> JsonSchema for Keyed<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        format!("KeyedOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z0-9_.-]+$", "maxLength": ID_BYTES_MAX},
            "additionalProperties": generator.subschema_for::<T>()
        })
    }
}

impl JsonSchema for Anything {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "Anything".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"not": {"type": "null"}})
    }
}
