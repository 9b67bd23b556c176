//! An extension is installed, in at least some version.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, Need, WeakerWhen, can_fail},
    question::{Question, said},
    read::{literal, must, text},
};
use crate::{
    plan::{CheckKind, Rendered},
    sql::filled,
};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "extension",
    about: "The extension is installed.",
    expected: "a map with `name`",
    fields: &[
        CheckField {
            name: "name",
            form: FieldForm::Text { about: "Its name.", need: Need::Must },
            weaker: WeakerWhen::Unknown,
        },
        CheckField {
            name: "at_least",
            form: FieldForm::Text { about: "The version that it has at least.", need: Need::May },
            weaker: WeakerWhen::LowerVersion,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let name = must(kind, "name")?;
    let at_least = text(kind, "at_least");
    let values = [
        ("{name}", said(name.sent())),
        ("{shown}", said(&format!("extension {name}"))),
        ("{at_least}", literal(at_least.map(|version| version.sent()))),
        ("{not}", said(&at_least.map(|version| format!(", not at least {version}")).unwrap_or_default())),
    ];
    Ok(Question::of_database(&filled(FOUND, &values)))
}

/// Extensions name their versions as they like; numbers in them are compared as numbers, the rest as text.
const FOUND: &str = "\
, parts (nth, own, least) AS (
    SELECT nth, coalesce(v.part, '0'), coalesce(w.part, '0')
    FROM (SELECT p.* FROM pg_extension AS x CROSS JOIN regexp_split_to_table(x.extversion, '[._-]') WITH ORDINALITY AS p
          WHERE x.extname = {name}) AS v (part, nth)
    FULL JOIN regexp_split_to_table({at_least}, '[._-]') WITH ORDINALITY AS w (part, nth) USING (nth)
), compared (nth, is_lower, is_equal) AS (
    SELECT nth, CASE WHEN own ~ '^[0-9]+$' AND least ~ '^[0-9]+$' THEN own::numeric < least::numeric ELSE own < least COLLATE \"C\" END,
           CASE WHEN own ~ '^[0-9]+$' AND least ~ '^[0-9]+$' THEN own::numeric = least::numeric ELSE own = least END
    FROM parts
), found (place, holds, message) AS (
    SELECT 0, x.extversion IS NOT NULL AND NOT o.is_lower, CASE
               WHEN x.extversion IS NULL THEN {shown} || ' is not installed'
               ELSE {shown} || ' has version ' || x.extversion || CASE WHEN o.is_lower THEN {not} ELSE '' END END
    FROM (SELECT {at_least} IS NOT NULL AND coalesce((SELECT c.is_lower FROM compared AS c WHERE NOT c.is_equal ORDER BY c.nth LIMIT 1), false))
         AS o (is_lower)
    LEFT JOIN pg_extension AS x ON x.extname = {name}
)
";
