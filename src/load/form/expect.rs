//! What an answer must be: numbers, bounds, texts.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::{
    super::{
        diagnostics::Diagnostics,
        node::{Meaning, NodeKind, ValueNode},
        scalar::{AnyWords, Ranged, True},
        shape::{FromNode, Title, shape},
    },
    rule::{any_of, at_most_one, exactly_one},
};

/// A number of rows.
pub(in crate::load) type Count = Ranged<0, { i64::MAX as u64 }>;

pub(super) const BOUNDS: [&str; 3] = ["at_least", "at_most", "exactly"];

shape! {
    /// What the answer of a query must be: exactly one of these.
    ExpectForm, "a map with `rows`, `value`, `number` or `empty`" {
        /// So many rows.
        may rows: RowsForm,
        /// One row with one column, whose text is this.
        may value: AnyWords,
        /// One row with one column, a number within bounds.
        may number: RowsForm,
        /// No rows.
        may empty: True,
    }
    rules json!([exactly_one(&["rows", "value", "number", "empty"])]);
}

shape! {
    /// Bounds of a number.
    BoundsForm, "a number, or a map with `at_least` or `at_most`" {
        /// Not less than this.
        may at_least: Count,
        /// Not more than this.
        may at_most: Count,
        /// Exactly this.
        may exactly: Count,
    }
    rules json!([any_of(&BOUNDS), at_most_one(&["exactly", "at_least"]), at_most_one(&["exactly", "at_most"])]);
}

/// A number, or bounds of one.
#[derive(Debug, Clone)]
pub(in crate::load) enum RowsForm {
    /// Exactly so many.
    Exactly(u64),
    /// Within bounds.
    Within(Box<BoundsForm>),
}

impl FromNode for RowsForm {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(scalar) if matches!(scalar.meaning, Meaning::Integer(_) | Meaning::Number(_)) => {
                Count::read(node, diagnostics).map(|Ranged(number)| RowsForm::Exactly(number))
            }
            _ => BoundsForm::read(node, diagnostics).map(Box::new).map(RowsForm::Within),
        }
    }
}

impl JsonSchema for RowsForm {
    fn schema_name() -> Title {
        "RowsForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [generator.subschema_for::<Count>(), generator.subschema_for::<BoundsForm>()]})
    }
}
