//! The filter `join`, for SQL.

use minijinja::{Error, Value, value::ValueKind};

use super::{problem::ValueRefusal, scalar};

/// Words that may stand between the parts of SQL without `| raw`. Other texts could come from a variable.
const WORDS: [&str; 4] = ["AND", "OR", "UNION", "ALL"];

/// Joins the items: to SQL where one of them is SQL, and then each must be; to a plain text otherwise.
pub(super) fn join(items: Value, between: Option<Value>) -> Result<Value, Error> {
    let items: Vec<Value> = items.try_iter()?.collect();
    let between = between.unwrap_or_else(|| Value::from(""));
    let Some(text) = between.as_str() else {
        return Err(ValueRefusal::error(
            "backstop::render::not_text",
            "joins with something that is no text",
            "Write `join(', ')`.",
        ));
    };
    if items.iter().any(Value::is_safe) {
        if !between.is_safe() && !is_harmless(text) {
            return Err(ValueRefusal::error(
                "backstop::render::unquoted",
                "joins SQL with a text that doesn't say what it is",
                "Write `join('…' | raw)` for anything but commas, blanks, AND, OR and UNION ALL.",
            ));
        }
        let parts = items.iter().map(part).collect::<Result<Vec<_>, _>>()?;
        return Ok(Value::from_safe_string(parts.join(text)));
    }
    if items.iter().any(Value::is_undefined) {
        return Err(Error::from(minijinja::ErrorKind::UndefinedError));
    }
    Ok(Value::from(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(text)))
}

fn is_harmless(text: &str) -> bool {
    let is_known = |word: &str| word.is_empty() || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    text.split(|c: char| c == ',' || c.is_ascii_whitespace()).all(is_known)
}

fn part(item: &Value) -> Result<String, Error> {
    match (item.kind(), item.as_str()) {
        (_, Some(text)) if item.is_safe() => Ok(text.to_owned()),
        (ValueKind::Bool, _) => Ok(scalar::boolean(item).to_owned()),
        (ValueKind::Number, _) => scalar::number(item),
        (ValueKind::Undefined, _) => Err(Error::from(minijinja::ErrorKind::UndefinedError)),
        _ => Err(ValueRefusal::error(
            "backstop::render::unquoted",
            "joins SQL with a value that doesn't say what it is",
            "Give each item through a filter: `names | map('ident') | join(', ')`.",
        )),
    }
}
