//! Texts. Where a text is wanted any scalar is one, as it is written: `1.10` is a version and `no` a column.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    load::{
        diagnostics::Diagnostics,
        node::{Meaning, NodeKind, ValueNode},
        shape::{FromNode, Title, wrong_type},
    },
    plan::{ID_BYTES_MAX, List, Place, Template},
};

/// The version of the format that this program reads.
const FORMAT: &str = "backstop/v1";

/// A text that says something.
#[derive(Debug, Clone)]
pub(in crate::load) struct NonBlankText(pub(in crate::load) Template);

/// A text that may be empty.
#[derive(Debug, Clone)]
pub(in crate::load) struct AnyWords(pub(in crate::load) Template);

/// An id, to be parsed by the newtype that it is for.
#[derive(Debug, Clone)]
pub(in crate::load) struct Name(pub(in crate::load) Template);

/// A list of texts, or one text, with at least so many items.
#[derive(Debug, Clone)]
pub(in crate::load) struct Listing<const MIN: usize>(pub(in crate::load) List);

/// The mark of the format.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct FormatTag;

fn words(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Template> {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.meaning != Meaning::Null => {
            Some(Template { source: scalar.text.clone(), at: node.at })
        }
        _ => {
            wrong_type(node, "a text", diagnostics);
            None
        }
    }
}

impl FromNode for NonBlankText {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = words(node, diagnostics)?;
        if text.source.trim().is_empty() {
            diagnostics.report(
                "backstop::load::empty_text",
                node.at,
                "the text is empty",
                "Write something, or leave the field out.",
            );
            return None;
        }
        Some(NonBlankText(text))
    }
}

impl FromNode for AnyWords {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        words(node, diagnostics).map(AnyWords)
    }
}

impl FromNode for Name {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        words(node, diagnostics).map(Name)
    }
}

impl<const MIN: usize> FromNode for Listing<MIN> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            if matches!(node.kind, NodeKind::Map(_)) {
                wrong_type(node, "a list of texts, or one text", diagnostics);
                return None;
            }
            return NonBlankText::read(node, diagnostics).map(|NonBlankText(text)| Listing(List::Whole(text)));
        };
        if items.len() < MIN {
            diagnostics.report(
                "backstop::load::empty_list",
                node.at,
                "the list is empty",
                "Name at least one, or leave the field out.",
            );
            return None;
        }
        let good: Vec<Template> =
            items.iter().filter_map(|item| NonBlankText::read(item, diagnostics)).map(|NonBlankText(text)| text).collect();
        // With a bad item the list isn't what was meant.
        (good.len() == items.len()).then_some(Listing(List::Items(good)))
    }
}

impl<const MIN: usize> Listing<MIN> {
    /// The texts, where one text is a list of one.
    pub(in crate::load) fn into_items(self) -> Vec<Template> {
        match self.0 {
            List::Items(items) => items,
            List::Whole(item) => vec![item],
        }
    }
}

impl FromNode for FormatTag {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = words(node, diagnostics)?;
        if text.source == FORMAT {
            return Some(FormatTag);
        }
        let message = format!("the format {:?} is unknown", crate::load::node::shortened(&text.source));
        diagnostics.report(
            "backstop::load::unknown_format",
            node.at,
            message,
            format!("This program reads `format: {FORMAT}`."),
        );
        None
    }
}

/// Parses an id and reports why it is none.
pub(in crate::load) fn id<T>(
    name: &Template,
    parse: impl FnOnce(&str) -> Result<T, crate::plan::IdError>,
    allowed: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(T, Place)> {
    match parse(&name.source) {
        Ok(id) => Some((id, name.at)),
        Err(why) => {
            let message = format!("{:?} can't be an id: it {why}", crate::load::node::shortened(&name.source));
            let help = format!("Use letters of ASCII, digits{allowed}, {ID_BYTES_MAX} bytes at most.");
            diagnostics.report("backstop::load::bad_id", name.at, message, help);
            None
        }
    }
}

impl JsonSchema for NonBlankText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "Words".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"], "pattern": "\\S"})
    }
}

impl JsonSchema for AnyWords {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "AnyWords".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Title {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number", "boolean"],
            "pattern": "^[A-Za-z0-9_.-]+$",
            "maxLength": ID_BYTES_MAX,
            "description": "Letters of ASCII, digits, `-`, `_` and `.`."
        })
    }
}

impl<const MIN: usize> JsonSchema for Listing<MIN> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        format!("Listing{MIN}").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<NonBlankText>();
        json_schema!({"anyOf": [item.clone(), {"type": "array", "items": item, "minItems": MIN}]})
    }
}

impl JsonSchema for FormatTag {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"const": FORMAT})
    }
}
