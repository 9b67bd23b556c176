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
    let what = shown(pattern);
    let found = |text: &str| said(&format!(" AS t WHERE {value} IS NOT NULL AND {}", unlike(text, pattern)));
    let [column] = &columns;
    let broken = format!(
        "\
, broken (place, good, before, behind, source) AS (
    SELECT m.place, {} || m.title || {}, '', ' of ' || m.title || {}, m.name || CASE WHEN {} THEN {} ELSE {} END FROM meant AS m
)
",
        said(&format!("every {column} of ")),
        said(&format!(" matches {what}")),
        said(&format!(" whose {column} does not match {what}")),
        of_made_type(column),
        found(&format!("concat({value})")),
        found(&format!("{value}::text")),
    );
    Ok(offending(kind, &columns, &broken, ""))
}

/// The condition that a column of `meant` has, under its domains, a type that is not the server's own: a cast of it to text would be
/// whatever its owner made it. The casts of the others cost nothing.
fn of_made_type(column: &str) -> String {
    format!(
        "EXISTS (WITH RECURSIVE kind (oid) AS (
            SELECT a.atttypid FROM pg_attribute AS a WHERE a.attrelid = m.relation AND a.attname = {} AND NOT a.attisdropped
            UNION ALL SELECT y.typbasetype FROM kind JOIN pg_type AS y ON y.oid = kind.oid WHERE y.typtype = 'd')
        SELECT FROM kind JOIN pg_type AS y ON y.oid = kind.oid WHERE y.typtype <> 'd' AND y.oid >= 16384)",
        quote::literal(column)
    )
}

/// The pattern in a word.
fn shown(pattern: &Pattern<Rendered>) -> String {
    match pattern {
        Pattern::Uuid => "uuid".to_owned(),
        Pattern::Email => "e-mail".to_owned(),
        Pattern::Regex(regex) => regex.to_string(),
    }
}

/// The condition that a text does not have the pattern.
fn unlike(text: &str, pattern: &Pattern<Rendered>) -> String {
    let unlike = |regex: &str| format!("{text} !~ {}", quote::literal(regex));
    match pattern {
        Pattern::Uuid => no_uuid(text),
        Pattern::Email => unlike(EMAIL),
        Pattern::Regex(regex) => unlike(&whole(regex.sent())),
    }
}

/// Whether a value is no uuid. Nearly all are written in one form: four hyphens in their places, and nothing but digits beside
/// them. To see that takes half of the time of the expression, which is asked for the others.
fn no_uuid(text: &str) -> String {
    let text = format!("{text} COLLATE \"C\"");
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
