//! For programs: one JSON document, and its schema.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

use crate::review::Reviews;

/// What `backstop diff` prints as JSON.
#[derive(Serialize, JsonSchema)]
struct ReviewDocument<'a> {
    /// Always `review`.
    kind: ReviewTag,
    /// How the program ends: 0, or 1 where something differs and that was asked for, or 3 where safety got weaker
    /// or lint finds anew what fails it.
    exit_code: u8,
    /// Whether anything changed in meaning.
    differs: bool,
    /// How often safety got weaker.
    weaker: usize,
    /// How many findings of lint are new.
    new_findings: usize,
    /// How many of those fail lint, and this command with it.
    failing_findings: usize,
    /// The two versions, and the plans in which something changed.
    review: &'a Reviews,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReviewTag {
    Review,
}

/// The document.
pub fn review_document(reviews: &Reviews, exit_code: u8) -> impl Serialize {
    let differs = !reviews.is_nothing();
    let (new_findings, failing_findings) = (reviews.new_findings(), reviews.failing_findings());
    ReviewDocument {
        kind: ReviewTag::Review,
        exit_code,
        differs,
        weaker: reviews.weaker(),
        new_findings,
        failing_findings,
        review: reviews,
    }
}

/// The schema of that document (JSON Schema 2020-12).
pub fn review_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<ReviewDocument<'static>>();
    schema.insert("title".to_owned(), "backstop diff".into());
    schema.into()
}
