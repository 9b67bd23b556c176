//! The JSON Schema of a plan file, generated from the shapes that read it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::form::{PlanForm, SecretForm};

/// The schema of a plan file (JSON Schema 2020-12), for editors and for whoever writes plans by program.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    // Named by hand in the rules of a variable.
    let _ = generator.subschema_for::<SecretForm>();
    let mut schema = generator.into_root_schema_for::<PlanForm>();
    schema.insert("title".to_owned(), "backstop plan".into());
    schema.into()
}
