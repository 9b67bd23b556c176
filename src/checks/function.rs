//! Functions are there, optionally with argument types, and return a type.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, Need, WeakerWhen, can_fail},
    question::{Question, said},
    read::{literal, text, texts},
};
use crate::{
    plan::{CheckKind, Rendered, Text},
    sql::{QualifiedName, filled},
};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "function",
    about: "Functions of these names exist, optionally with argument types: `is_member_of(uuid)`.",
    expected: "a map with `name` or `names`",
    fields: &[
        CheckField {
            name: "names",
            form: FieldForm::Texts {
                one: "name",
                about_one: "One function.",
                about: "Several functions.",
                need: Need::Must,
                are_objects: true,
            },
            weaker: WeakerWhen::Fewer,
        },
        CheckField {
            name: "returns",
            form: FieldForm::Text { about: "The type that each returns.", need: Need::May },
            weaker: WeakerWhen::Dropped,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let names = texts(kind, "names");
    if names.is_empty() {
        return Err("it names no function".to_owned());
    }
    let returns = text(kind, "returns");
    let mut meant = Vec::new();
    for (place, name) in names.iter().enumerate() {
        meant.push(format!("SELECT {place}, {}::pg_catalog.text, p.oid FROM {}", said(name.shown()), function(name)?));
    }
    let values = [
        ("{meant}", meant.join("\n    UNION ALL ")),
        ("{returns}", literal(returns.map(|text| text.sent().trim()))),
        ("{not}", said(&returns.map(|text| format!(", not {text}")).unwrap_or_default())),
    ];
    Ok(Question::of_database(&filled(FOUND, &values)).under_path())
}

/// The functions of a name, from a row that is always there.
fn function(text: &Text) -> Result<String, String> {
    if text.sent().contains('(') {
        return Ok(format!("(SELECT pg_catalog.to_regprocedure({})::pg_catalog.oid) AS p (oid)", said(text.sent())));
    }
    let QualifiedName { schema, name } = QualifiedName::parse(text.sent()).map_err(|why| format!("`{text}` {why}"))?;
    let is_there = match schema {
        Some(schema) => format!(
            "p.pronamespace OPERATOR(pg_catalog.=) (SELECT n.oid FROM pg_catalog.pg_namespace AS n \
             WHERE n.nspname OPERATOR(pg_catalog.=) {})",
            said(&schema)
        ),
        None => "pg_catalog.pg_function_is_visible(p.oid)".to_owned(),
    };
    Ok(format!(
        "(SELECT) AS one LEFT JOIN pg_catalog.pg_proc AS p ON p.proname OPERATOR(pg_catalog.=) {} AND {is_there}",
        said(&name)
    ))
}

/// A type is compared as the server prints it, `SETOF uuid` for instance, and else as what its name means.
const FOUND: &str = "\
, functions (place, shown, oid) AS (
    {meant}
), results (place, shown, is_there, printed, is_meant) AS (
    SELECT f.place, f.shown, pg_catalog.bool_or(p.oid IS NOT NULL), pg_catalog.string_agg(r.printed, ' or ' ORDER BY p.oid),
           pg_catalog.bool_or(CASE WHEN pg_catalog.lower(r.printed) OPERATOR(pg_catalog.=) pg_catalog.lower({returns}) THEN true
               WHEN p.proretset THEN false
               ELSE p.prorettype OPERATOR(pg_catalog.=) pg_catalog.to_regtype({returns})::pg_catalog.oid END)
    FROM functions AS f LEFT JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) f.oid
    CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.pg_get_function_result(p.oid), 'nothing')) AS r (printed)
    GROUP BY f.place, f.shown
), found (place, holds, message) AS (
    SELECT r.place, r.is_there AND ({returns} IS NULL OR coalesce(r.is_meant, false)), CASE
               WHEN NOT r.is_there THEN pg_catalog.format('function %s does not exist', r.shown)
               WHEN {returns} IS NULL THEN pg_catalog.format('function %s exists', r.shown)
               ELSE pg_catalog.concat('function ', r.shown, ' returns ', r.printed, CASE WHEN r.is_meant THEN '' ELSE {not} END) END
    FROM results AS r
)
";
