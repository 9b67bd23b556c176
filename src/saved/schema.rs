//! The JSON Schema of a saved plan, generated from its types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::document::{FORMAT, SavedPlan};

/// The schema of a saved plan's file (JSON Schema 2020-12).
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<SavedPlan>();
    schema.insert("title".to_owned(), "backstop saved plan".into());
    let mut schema = Value::from(schema);
    if let Some(Value::Object(format)) = schema.pointer_mut("/properties/format") {
        format.insert("const".to_owned(), FORMAT.into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../schemas/saved-plan.schema.json");

    #[test]
    fn the_committed_schema_of_saved_plans_is_the_generated_one() {
        let generated = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if let Ok(path) = std::env::var("BACKSTOP_WRITE_SAVED_SCHEMA") {
            std::fs::write(path, &generated).unwrap();
            return;
        }
        assert!(
            COMMITTED == generated,
            "run `BACKSTOP_WRITE_SAVED_SCHEMA=schemas/saved-plan.schema.json cargo test committed_schema_of_saved_plans`"
        );
    }
}
