//! The JSON Schemas of plan files and of a repository's file, generated from the shapes that read them.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{
    form::{PlanForm, SecretForm},
    repository::RepositoryForm,
};

/// The schema of a plan file (JSON Schema 2020-12), for editors and for whoever writes plans by program.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    // Named by hand in the rules of a variable.
    let _ = generator.subschema_for::<SecretForm>();
    let mut schema = generator.into_root_schema_for::<PlanForm>();
    schema.insert("title".to_owned(), "backstop plan".into());
    schema.into()
}

/// The schema of a repository's file, `backstop.toml`.
pub fn repository_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<RepositoryForm>();
    schema.insert("title".to_owned(), "backstop repository".into());
    schema.into()
}
