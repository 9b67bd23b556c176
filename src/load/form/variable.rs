//! The fields of a variable.

use serde_json::{Value, json};

use super::{
    super::{
        scalar::{AnyWords, Anything, Choice, Flag, NonBlankText},
        shape::shape,
    },
    rule::{exactly_one, when},
};
use crate::plan::VarType;

shape! {
    /// A variable of the plan.
    VarForm, "a map with `type`" {
        /// What its value must be.
        must r#type: Choice<VarType>,
        /// The value where none is given; a secret's is `{env: NAME}` or `{file: PATH}`.
        may default: Anything,
        /// Whether a value must be given.
        may required: Flag,
        /// For people.
        may description: AnyWords,
    }
    rules json!([
        when("required", json!(true), json!({"not": {"required": ["default"]}})),
        default_of("string", json!({"type": ["string", "number", "boolean"]})),
        default_of("integer", json!({"type": "integer"})),
        default_of("number", json!({"type": "number"})),
        default_of("boolean", json!({"type": "boolean"})),
        default_of("list", json!({"type": "array", "items": {"type": ["string", "number", "boolean"]}})),
        default_of("secret", json!({"$ref": "#/$defs/SecretForm"}))
    ]);
}

shape! {
    /// Where a secret is: in the environment or in a file.
    SecretForm, "`{env: NAME}` or `{file: PATH}`" {
        /// The environment variable's name.
        may env: NonBlankText,
        /// The file's path.
        may file: NonBlankText,
    }
    rules json!([exactly_one(&["env", "file"])]);
}

fn default_of(kind: &str, schema: Value) -> Value {
    when("type", json!(kind), json!({"properties": {"default": schema}}))
}
