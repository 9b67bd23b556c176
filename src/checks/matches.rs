//! Values that have a pattern.

use super::{
    kind::{COLUMN, CheckField, CheckSpec, FieldForm, TABLES, WeakerWhen, can_fail},
    offending::{of_row, offending},
    question::{Question, said},
    read::{must, name},
};
use crate::{
    plan::{CheckKind, FieldValue, Pattern, Rendered},
    sql::quote,
};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "matches",
    about: "Every value has the pattern.",
    expected: "a map with `table`, `column` and `pattern`",
    fields: &[
        TABLES,
        COLUMN,
        CheckField {
            name: "pattern",
            form: FieldForm::Pattern { about: "uuid, email, or `{regex: ...}`, which the whole value must match." },
            weaker: WeakerWhen::Unknown,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

/// What `::uuid` accepts: 32 hexadecimal digits, a hyphen after any group of four, all of it in braces or not
/// (<https://www.postgresql.org/docs/current/datatype-uuid.html>).
const UUID: &str = "^([0-9A-Fa-f]{4}(-?[0-9A-Fa-f]{4}){7}|\\{[0-9A-Fa-f]{4}(-?[0-9A-Fa-f]{4}){7}\\})$";
/// Something, an at sign, and a domain with a dot; no blanks or separators of address lists.
const EMAIL: &str = "^[^@[:space:],;<>()]+@[^@[:space:],;<>().]+(\\.[^@[:space:],;<>().]+)+$";

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let column = name(must(kind, "column")?)?;
    let Some(FieldValue::Pattern(pattern)) = kind.field("pattern") else {
        return Err("its `pattern` is missing".to_owned());
    };
    let columns = [column];
    let value = of_row(&columns).concat();
    let (unlike, what) = unlike(&value, pattern);
    let [column] = &columns;
    let broken = format!(
        "\
, broken (place, good, before, behind, source) AS (
    SELECT m.place, {} || m.title || {}, '', ' of ' || m.title || {}, m.name || {} FROM meant AS m
)
",
        said(&format!("every {column} of ")),
        said(&format!(" matches {what}")),
        said(&format!(" whose {column} does not match {what}")),
        said(&format!(" AS t WHERE {value} IS NOT NULL AND {unlike}")),
    );
    Ok(offending(kind, &columns, &broken, ""))
}

/// The condition that a value that is there does not have the pattern, and the pattern in a word.
fn unlike(value: &str, pattern: &Pattern<Rendered>) -> (String, String) {
    let unlike = |regex: &str| format!("{value}::text !~ {}", quote::literal(regex));
    match pattern {
        Pattern::Uuid => (no_uuid(value), "uuid".to_owned()),
        Pattern::Email => (unlike(EMAIL), "e-mail".to_owned()),
        Pattern::Regex(regex) => (unlike(&whole(regex.sent())), regex.to_string()),
    }
}

/// Whether a value is no uuid. Nearly all are written in one form: four hyphens in their places, and nothing but digits beside
/// them. To see that takes half of the time of the expression, which is asked for the others.
fn no_uuid(value: &str) -> String {
    let text = format!("{value}::text COLLATE \"C\"");
    format!(
        "CASE WHEN {text} LIKE '________-____-____-____-____________' AND translate({text}, '0123456789ABCDEFabcdef', '') = '----' \
         THEN false ELSE {text} !~ {} END",
        quote::literal(UUID)
    )
}

/// The expression that matches where this one matches the whole value. Options in front stay in front, where alone the
/// server takes them (<https://www.postgresql.org/docs/current/functions-matching.html#POSIX-METASYNTAX>).
fn whole(regex: &str) -> String {
    let is_option = |options: &&str| options.chars().all(|c| c.is_ascii_lowercase());
    let options = regex.strip_prefix("(?").and_then(|rest| rest.split_once(')')).filter(|(options, _)| is_option(options));
    match options {
        Some((options, rest)) => format!("(?{options})^(?:{rest})$"),
        None => format!("^(?:{regex})$"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_must_match_the_whole_value() {
        assert_eq!(whole("a|b"), "^(?:a|b)$");
        assert_eq!(whole("(?i)a|b"), "(?i)^(?:a|b)$");
        assert_eq!(whole("(?:a|b)c"), "^(?:(?:a|b)c)$");
        assert_eq!(whole("(?=a)b"), "^(?:(?=a)b)$");
        assert_eq!(whole("(?"), "^(?:(?)$");
    }
}
