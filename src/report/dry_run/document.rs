//! For programs: one JSON document, and its schema.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

use super::model::{DryRunVerdict, Forecast};

/// What `backstop plan` prints as JSON.
#[derive(Serialize, JsonSchema)]
struct DryRunDocument<'a> {
    /// Always `plan`.
    kind: DryRunTag,
    /// What it comes to.
    verdict: DryRunVerdict,
    /// What `apply` would do now.
    dry_run: &'a Forecast,
    /// How the program ends: as `apply` would where it could not begin, or 0, or 9 where something is to be applied and
    /// `--exit-code` was given.
    exit_code: u8,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DryRunTag {
    Plan,
}

/// The document.
pub fn document(dry_run: &Forecast, exit_code: u8) -> impl Serialize {
    DryRunDocument { kind: DryRunTag::Plan, verdict: dry_run.verdict(), dry_run, exit_code }
}

/// The schema of that document (JSON Schema 2020-12).
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<DryRunDocument<'static>>();
    schema.insert("title".to_owned(), "backstop plan, as JSON".into());
    schema.into()
}
