//! Booleans and numbers as SQL.

use minijinja::{Error, Value};

use super::problem::ValueRefusal;

/// A boolean as SQL; the template engine would write it as Python does.
pub(super) fn boolean(value: &Value) -> &'static str {
    if value.is_true() { "true" } else { "false" }
}

/// A number as SQL. The blank before a sign keeps `-{{ n }}` from becoming a comment.
pub(super) fn number(value: &Value) -> Result<String, Error> {
    let text = value.to_string();
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(ValueRefusal::error(
            "backstop::render::not_finite",
            "is no finite number",
            "Write `'NaN'::float8` or `'Infinity'::float8` in the SQL itself.",
        ));
    }
    Ok(if text.starts_with('-') { format!(" {text}") } else { text })
}
