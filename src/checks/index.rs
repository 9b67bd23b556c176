//! An index that serves: of this name, or with exactly these leading columns. One that holds only some of the rows counts only where it
//! is asked for by name.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, FieldRule, Need, TABLES, WeakerWhen, can_fail, columns},
    question::{Question, lacking, said},
    read::{flag, name, names, text, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "index",
    about: "A valid index exists, of this name or with exactly these leading columns.",
    expected: "a map with `table` and `columns` or `name`",
    fields: &[
        TABLES,
        columns(Need::May, "The leading column.", "The leading columns.", WeakerWhen::Dropped),
        CheckField {
            name: "name",
            form: FieldForm::Text { about: "The index's name.", need: Need::May },
            weaker: WeakerWhen::Dropped,
        },
        CheckField {
            name: "unique",
            form: FieldForm::Flag { about: "Whether it is unique.", default: None },
            weaker: WeakerWhen::Dropped,
        },
    ],
    rules: &[FieldRule::AnyOf {
        fields: &["columns", "name"],
        message: "the index has neither `columns` nor `name`",
        help: "Add `columns`, or the index's `name`.",
    }],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let name = text(kind, "name").map(name).transpose()?;
    let columns = names(texts(kind, "columns"))?;
    if name.is_none() && columns.is_empty() {
        return Err("it names no column".to_owned());
    }
    let what = match &name {
        Some(name) => format!("({} || m.title)", said(&format!("index {name} of "))),
        None => format!("('index of ' || m.title || {})", said(&format!(" on ({})", columns.join(", ")))),
    };
    let is_meant = name.as_ref().map_or_else(|| "true".to_owned(), |name| format!("c.relname = {}", said(name)));
    let is_partial = if name.is_none() { "i.indpred IS NOT NULL" } else { "false" };
    let is_other = match flag(kind, "unique") {
        Some(true) => format!(
            "WHEN NOT i.indisunique THEN 'is not unique' WHEN {} NOT IN (0, i.indnkeyatts) THEN 'is unique over more columns'",
            columns.len()
        ),
        Some(false) => "WHEN i.indisunique THEN 'is unique'".to_owned(),
        None => String::new(),
    };
    let parts = format!(
        "\
{}, indexes (place, name, objection) AS (
    SELECT m.place, c.relname, CASE
               WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN 'exists but is invalid: it was not built to its end'
               WHEN {is_partial} THEN 'holds only some of the rows' {is_other} ELSE NULL END
    FROM meant AS m JOIN pg_index AS i ON i.indrelid = m.relation JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE {is_meant} AND i.indnkeyatts >= (SELECT count(*) FROM named) AND NOT EXISTS (
        SELECT FROM named AS n WHERE NOT EXISTS (
            SELECT FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, nth)
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
            WHERE k.nth = n.nth AND a.attname = n.name))
)
",
        lacking(&columns)
    );
    let answers = format!(
        "\
SELECT m.place, CASE WHEN l.place IS NULL THEN f.name IS NOT NULL AND f.objection IS NULL END,
       CASE WHEN l.place IS NOT NULL THEN l.message
            WHEN f.name IS NULL THEN 'there is no ' || {what}
            WHEN f.objection IS NULL THEN format('%s serves as %s', f.name, {what})
            ELSE format('%s %s', f.name, f.objection) END, NULL::bigint, NULL::text, NULL::text, l.names
FROM meant AS m LEFT JOIN lacking AS l ON l.place = m.place
LEFT JOIN LATERAL (SELECT x.name, x.objection FROM indexes AS x WHERE x.place = m.place
                   ORDER BY x.objection IS NOT NULL, CASE WHEN x.objection IS NULL THEN x.name END, x.name DESC LIMIT 1) AS f ON true"
    );
    Ok(Question::of_tables(kind, &parts, &answers))
}
