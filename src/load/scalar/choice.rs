//! One of a few words. The words are the serialized names of the plan's enums, so that none is written twice.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    de::{DeserializeOwned, IntoDeserializer, Visitor, value::Error},
    forward_to_deserialize_any,
};

use crate::load::{
    diagnostics::{Diagnostics, instead},
    node::{Meaning, NodeKind, ValueNode, shortened},
    shape::{FromNode, Title, wrong_type},
};

/// One of the variants of a plain enum.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Choice<T>(pub(in crate::load) T);

impl<T: DeserializeOwned> FromNode for Choice<T> {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        let word = one_of(node, variants::<T>(), diagnostics)?;
        T::deserialize(WordDeserializer { text: word, variants: &mut [].as_slice() }).ok().map(Choice)
    }
}

/// One of the words, or a report of what stands there instead.
pub(in crate::load) fn one_of(
    node: &ValueNode,
    words: &'static [&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<&'static str> {
    let NodeKind::Scalar(scalar) = &node.kind else {
        wrong_type(node, &format!("a word ({})", words.join(", ")), diagnostics);
        return None;
    };
    if scalar.meaning == Meaning::Null {
        wrong_type(node, &format!("a word ({})", words.join(", ")), diagnostics);
        return None;
    }
    if let Some(word) = words.iter().find(|word| **word == scalar.text) {
        return Some(word);
    }
    let message = format!("unknown value `{}`", shortened(&scalar.text));
    let mut help = instead(&scalar.text, words);
    if !help.starts_with("Allowed") {
        help = format!("{help} Allowed here: `{}`.", words.join("`, `"));
    }
    diagnostics.report("backstop::load::unknown_value", node.at, message, help);
    None
}

/// The schema of one of some words.
pub(in crate::load) fn word_schema(words: &[&str]) -> Schema {
    json_schema!({"enum": words})
}

/// The words of an enum, as serde knows them.
fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut found: &'static [&'static str] = &[];
    // No variant is called so; the attempt is for the list that comes with it.
    let _ = T::deserialize(WordDeserializer { text: "", variants: &mut found });
    found
}

/// A deserializer that knows one word, and learns which ones there are.
struct WordDeserializer<'t, 'v> {
    text: &'t str,
    variants: &'v mut &'static [&'static str],
}

impl<'de> serde::Deserializer<'de> for WordDeserializer<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.variants = variants;
        visitor.visit_enum(self.text.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<T: DeserializeOwned> JsonSchema for Choice<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        std::any::type_name::<T>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        word_schema(variants::<T>())
    }
}
