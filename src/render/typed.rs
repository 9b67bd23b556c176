//! Values by the declared type of their variable.

use crate::plan::{SecretSource, Value, VarType};

/// Why a value doesn't fit. Its texts don't hold the value, which may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// A fragment that goes on after "the value of `name`".
    pub(super) message: &'static str,
    /// What to do, as a sentence.
    pub(super) help: &'static str,
}

/// A text of the command line or the environment as a value. A list is a JSON array, or texts with commas between; a secret
/// is `env:NAME` or `file:PATH`.
pub(super) fn parsed(kind: VarType, text: &str) -> Result<Value, Mismatch> {
    let mismatch = mismatch(kind);
    match kind {
        VarType::String => Ok(Value::String(text.to_owned())),
        VarType::Integer => text.trim().parse().map(Value::Integer).map_err(|_| mismatch),
        VarType::Number => text.trim().parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Number).ok_or(mismatch),
        VarType::Boolean => match text.trim() {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(mismatch),
        },
        VarType::List => list(text).ok_or(mismatch),
        VarType::Secret => match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Value::Secret(SecretSource::Env(name.to_owned()))),
            Some(("file", path)) if !path.is_empty() => Ok(Value::Secret(SecretSource::File(path.to_owned()))),
            _ => Err(mismatch),
        },
    }
}

/// A value that has its type already, of a values file for instance. A whole number is a number, too.
pub(super) fn checked(kind: VarType, value: Value) -> Result<Value, Mismatch> {
    match (kind, value) {
        (VarType::Number, Value::Integer(number)) => Ok(Value::Number(number as f64)),
        (VarType::Number, Value::Number(number)) if !number.is_finite() => Err(mismatch(kind)),
        (VarType::List, Value::List(items)) if items.iter().any(|i| matches!(i, Value::List(_) | Value::Secret(_))) => {
            Err(mismatch(kind))
        }
        (VarType::String, value @ Value::String(_))
        | (VarType::Integer, value @ Value::Integer(_))
        | (VarType::Number, value @ Value::Number(_))
        | (VarType::Boolean, value @ Value::Boolean(_))
        | (VarType::List, value @ Value::List(_))
        | (VarType::Secret, value @ Value::Secret(_)) => Ok(value),
        _ => Err(mismatch(kind)),
    }
}

fn list(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.starts_with('[') {
        let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
        return items.into_iter().map(item).collect::<Option<_>>().map(Value::List);
    }
    if text.is_empty() {
        return Some(Value::List(Vec::new()));
    }
    Some(Value::List(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect()))
}

fn item(json: serde_json::Value) -> Option<Value> {
    match json {
        serde_json::Value::String(text) => Some(Value::String(text)),
        serde_json::Value::Bool(yes) => Some(Value::Boolean(yes)),
        serde_json::Value::Number(number) => number.as_i64().map(Value::Integer).or(number.as_f64().map(Value::Number)),
        _ => None,
    }
}

fn mismatch(kind: VarType) -> Mismatch {
    let (message, help) = match kind {
        VarType::String => ("is no text", "Write a text, in quotes where it looks like something else."),
        VarType::Integer => ("is no whole number", "Write a whole number that fits in 64 bits."),
        VarType::Number => ("is no number", "Write a finite number, such as 0.5."),
        VarType::Boolean => ("is neither true nor false", "Write `true` or `false`."),
        VarType::List => (
            "is no list of texts, numbers and booleans",
            "Write a JSON array (`[\"a\", \"b\"]`), or on the command line texts with commas between.",
        ),
        VarType::Secret => (
            "is not the place of a secret",
            "Say where the secret is, `env:NAME` or `file:PATH`; its value doesn't belong here.",
        ),
    };
    Mismatch { message, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_by_type() {
        let string = |text: &str| Value::String(text.to_owned());
        for (kind, text, expected) in [
            (VarType::String, " a ", Some(string(" a "))),
            (VarType::Integer, "-5", Some(Value::Integer(-5))),
            (VarType::Integer, "5.0", None),
            (VarType::Integer, "9223372036854775808", None),
            (VarType::Number, "5", Some(Value::Number(5.0))),
            (VarType::Number, "inf", None),
            (VarType::Boolean, "true", Some(Value::Boolean(true))),
            (VarType::Boolean, "yes", None),
            (VarType::List, "", Some(Value::List(vec![]))),
            (VarType::List, "a, b", Some(Value::List(vec![string("a"), string("b")]))),
            (
                VarType::List,
                r#"["a,b", 1, true]"#,
                Some(Value::List(vec![string("a,b"), Value::Integer(1), Value::Boolean(true)])),
            ),
            (VarType::List, "[[1]]", None),
            (VarType::List, "[1", None),
            (VarType::Secret, "env:A", Some(Value::Secret(SecretSource::Env("A".to_owned())))),
            (VarType::Secret, "file:/a:b", Some(Value::Secret(SecretSource::File("/a:b".to_owned())))),
            (VarType::Secret, "hunter2", None),
            (VarType::Secret, "env:", None),
        ] {
            assert_eq!(parsed(kind, text).ok(), expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn values_are_held_against_their_type() {
        assert_eq!(checked(VarType::Number, Value::Integer(2)), Ok(Value::Number(2.0)));
        assert!(checked(VarType::String, Value::Integer(2)).is_err());
        assert!(checked(VarType::List, Value::List(vec![Value::List(vec![])])).is_err());
        assert!(checked(VarType::Secret, Value::String("hunter2".to_owned())).is_err());
    }
}
