//! The filters that say what a value is in SQL: `ident`, `literal`, `literals`, `raw`.

use minijinja::{Environment, Error, Value, value::ValueKind};

use super::{
    interpolations, join,
    language::Language,
    problem::ValueRefusal,
    scalar::{boolean, number},
};
use crate::sql::{IDENT_BYTES_MAX, quote};

/// Most parts of a name: schema, table, column.
const NAME_PARTS_MAX: usize = 3;

/// The names of our filters and of those of the template engine that people use most, for near misses.
pub(super) const NAMES: [&str; 30] = [
    "ident", "literal", "literals", "raw", "default", "join", "map", "select", "reject", "sort", "unique", "first", "last",
    "length", "lower", "upper", "replace", "trim", "list", "string", "int", "float", "items", "dictsort", "batch", "split",
    "min", "max", "sum", "indent",
];

/// Adds them, and takes those away that would mark a text as safe without saying what it is.
pub(super) fn add_to(environment: &mut Environment<'_>, language: Language) {
    for name in ["safe", "escape", "e", "tojson", "urlencode", "pprint"] {
        environment.remove_filter(name);
    }
    // It would print every variable.
    environment.remove_global("debug");
    environment.add_filter("ident", move |value: Value| finished(ident(&value)?, language));
    environment.add_filter("literal", move |value: Value| finished(literal(&value)?, language));
    environment.add_filter("literals", move |value: Value| finished(literals(&value)?, language));
    if language == Language::Sql {
        environment.add_filter("join", join::join);
    }
    environment.add_filter("raw", move |value: Value| Ok::<_, Error>(Value::from_safe_string(raw(&value)?)));
}

/// In SQL the text is marked, so that the place that it comes to stand in can be looked at afterwards.
fn finished(text: String, language: Language) -> Result<Value, Error> {
    Ok(Value::from_safe_string(match language {
        Language::Sql => interpolations::marked(&text),
        Language::Plain => text,
    }))
}

/// A name of up to three parts. Each part is quoted as it stands, with its capitals; one that holds a dot stands in double
/// quotes.
fn ident(value: &Value) -> Result<String, Error> {
    let text = string(value)?;
    let parts = name_parts(&text).ok_or_else(|| {
        ValueRefusal::error(
            "backstop::render::not_a_name",
            "is no name: a part is empty or a double quote has no end",
            "Give one name, or schema and name with a dot between; a name with a dot in it stands in double quotes.",
        )
    })?;
    if parts.len() > NAME_PARTS_MAX {
        return Err(ValueRefusal::error(
            "backstop::render::not_a_name",
            "has more parts than schema, table and column",
            "Write a name that has dots in it in double quotes.",
        ));
    }
    if parts.iter().any(|part| part.len() > IDENT_BYTES_MAX) {
        return Err(ValueRefusal::error(
            "backstop::render::name_too_long",
            format!("has a name of more than {IDENT_BYTES_MAX} bytes, which the server would cut"),
            "Choose a shorter name.",
        ));
    }
    Ok(parts.iter().map(|part| quote::ident(part)).collect::<Vec<_>>().join("."))
}

fn name_parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted_part(inside)?,
            None => {
                let (part, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
                (part.to_owned(), after)
            }
        };
        if part.is_empty() || part.contains('\0') {
            return None;
        }
        parts.push(part);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(parts),
            None => return None,
        }
    }
}

fn quoted_part(inside: &str) -> Option<(String, &str)> {
    let mut from = 0;
    loop {
        let at = from + inside[from..].find('"')?;
        if inside[at + 1..].starts_with('"') {
            from = at + 2;
        } else {
            return Some((inside[..at].replace("\"\"", "\""), &inside[at + 1..]));
        }
    }
}

fn literal(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::None => Ok("NULL".to_owned()),
        ValueKind::Bool => Ok(boolean(value).to_owned()),
        ValueKind::Number => number(value),
        ValueKind::Seq | ValueKind::Iterable => Err(ValueRefusal::error(
            "backstop::render::list_as_text",
            "is a list where one value is wanted",
            "Use `literals` for a list: `IN ({{ names | literals }})`.",
        )),
        _ => {
            let text = string(value)?;
            if text.contains('\0') {
                return Err(ValueRefusal::error(
                    "backstop::render::nul",
                    "holds a NUL character, which PostgreSQL can't take",
                    "Give the value without it.",
                ));
            }
            Ok(quote::literal(&text))
        }
    }
}

fn literals(value: &Value) -> Result<String, Error> {
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        undefined(value)?;
        return Err(ValueRefusal::error("backstop::render::not_a_list", "is no list", "Use `literal` for one value."));
    }
    let items = value.try_iter()?.map(|item| literal(&item)).collect::<Result<Vec<_>, _>>()?;
    Ok(if items.is_empty() { quote::literals::<&str>(&[]) } else { items.join(", ") })
}

/// The text as it is; what a filter has marked in it stays marked.
fn raw(value: &Value) -> Result<String, Error> {
    match (value.kind(), value.as_str()) {
        (ValueKind::Bool, _) => Ok(boolean(value).to_owned()),
        (ValueKind::Number, _) => Ok(value.to_string()),
        (_, Some(text)) => Ok(text.to_owned()),
        _ => string(value),
    }
}

fn string(value: &Value) -> Result<String, Error> {
    undefined(value)?;
    match value.as_str() {
        Some(text) => Ok(interpolations::without_marks(text)),
        None => Err(ValueRefusal::error(
            "backstop::render::not_text",
            format!("is a {} where a text is wanted", value.kind()),
            "Give a text, or use another filter.",
        )),
    }
}

fn undefined(value: &Value) -> Result<(), Error> {
    if value.is_undefined() { Err(Error::from(minijinja::ErrorKind::UndefinedError)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::QualifiedName;
    use proptest::prelude::*;

    fn of(text: &str) -> String {
        ident(&Value::from(text)).unwrap()
    }

    #[test]
    fn each_part_of_a_name_is_quoted() {
        assert_eq!(of("orders"), r#""orders""#);
        assert_eq!(of("public.orderLines"), r#""public"."orderLines""#);
        assert_eq!(of(r#""a.b".c"#), r#""a.b"."c""#);
        assert_eq!(of(r#"x"; DROP TABLE y; --"#), r#""x""; DROP TABLE y; --""#);
        for bad in ["", "a.", ".a", r#""a"#, r#""a"b"#, "a.b.c.d", &"x".repeat(64), "a\0b"] {
            assert!(ident(&Value::from(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn literals_have_the_form_of_their_type() {
        let of = |value: Value| literal(&value).unwrap();
        assert_eq!(of(Value::from("it's")), "'it''s'");
        assert_eq!(of(Value::from(5)), "5");
        assert_eq!(of(Value::from(-5)), " -5");
        assert_eq!(of(Value::from(0.5)), "0.5");
        assert_eq!(of(Value::from(true)), "true");
        assert_eq!(of(Value::from(())), "NULL");
        assert_eq!(literals(&Value::from(vec![Value::from("a"), Value::from(1), Value::from(())])).unwrap(), "'a', 1, NULL");
        assert_eq!(literals(&Value::from(Vec::<Value>::new())).unwrap(), "NULL");
        assert!(literal(&Value::from(vec![1])).is_err());
        assert!(literal(&Value::from(f64::NAN)).is_err());
        assert!(literals(&Value::from("a")).is_err());
    }

    /// Reads a string constant the way the server does.
    fn read(literal: &str) -> String {
        let text = literal.trim_start();
        match text.strip_prefix("E'") {
            Some(text) => text[..text.len() - 1].replace("''", "'").replace("\\\\", "\\"),
            None => text[1..text.len() - 1].replace("''", "'"),
        }
    }

    proptest! {
        #[test]
        fn names_come_out_as_they_went_in(name in "[^\0\".]{1,15}") {
            prop_assert_eq!(QualifiedName::parse(&of(&name)), Ok(QualifiedName { schema: None, name }));
        }

        #[test]
        fn any_parsed_name_keeps_its_meaning(schema in "[^\0]{1,15}", name in "[^\0]{1,15}") {
            let written = quote::qualified(&schema, &name);
            prop_assert_eq!(of(&written), written);
        }

        #[test]
        fn texts_come_out_as_they_went_in(text in "([\\\\'E\n$]|[^\0]){0,30}") {
            let literal = literal(&Value::from(text.as_str())).unwrap();
            prop_assert_eq!(read(&literal), text);
            let tokens: Vec<_> = crate::sql::Tokens::of(literal.trim_start()).collect();
            prop_assert!(matches!(tokens[..], [Ok(_)]), "{:?}", literal);
        }
    }
}
