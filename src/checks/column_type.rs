//! The type of a column, with its modifier: `varchar(50)` is another one than `varchar`. A pattern stands for those tables that have the
//! column.

use super::{
    kind::{COLUMN, CheckField, CheckSpec, FieldForm, Need, TABLES, WeakerWhen, can_fail},
    question::{Question, lacking, said},
    read::{must, name},
};
use crate::{
    plan::{CheckKind, Rendered},
    sql::filled,
};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "column_type",
    about: "The column has this type.",
    expected: "a map with `table`, `column` and `type`",
    fields: &[
        CheckField {
            form: FieldForm::Tables { many: "Several tables; a glob stands for those that have the column." },
            ..TABLES
        },
        COLUMN,
        CheckField {
            name: "type",
            form: FieldForm::Text { about: "The type as PostgreSQL writes it.", need: Need::Must },
            weaker: WeakerWhen::Unknown,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let data_type = must(kind, "type")?;
    let column = name(must(kind, "column")?)?;
    let values = [
        ("{type}", said(data_type.sent())),
        ("{nothing}", said(&format!("type {data_type} does not exist"))),
        ("{column}", said(&format!(".{column} is "))),
    ];
    let nothing = format!("no table that is meant has a column {column}");
    let (parts, answers) = (lacking(&[column]) + &filled(WANTED, &values), filled(ANSWERS, &values));
    Ok(Question::of_tables(kind, &parts, &answers).nothing(nothing).under_path())
}

/// The type as the server would print it. A modifier stands behind the name, but in front of brackets and of words about time zones; that of
/// an interval is words, too.
const WANTED: &str = r"
, typed (oid, element, spelled, modifier) AS (
    SELECT t.oid, CASE WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' THEN t.typelem ELSE t.oid END, k.spelled,
           CASE WHEN t.typmodin::pg_catalog.oid OPERATOR(pg_catalog.=) '0'::pg_catalog.oid THEN ''
                ELSE pg_catalog.replace(coalesce(pg_catalog.substring(k.spelled, '\(([^)]*)\)'), ''), ' ', '') END
    FROM (SELECT pg_catalog.lower(pg_catalog.regexp_replace(pg_catalog.btrim({type}), '\s+', ' ', 'g'))) AS k (spelled)
    JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regtype({type})::pg_catalog.oid
), modified (oid, element, spelled, modifier) AS (
    SELECT t.oid, t.element, t.spelled, CASE
               WHEN t.modifier OPERATOR(pg_catalog.=) '' AND t.spelled OPERATOR(pg_catalog.!~) 'bpchar|pg_catalog'
                    AND t.element OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.bpchar'::pg_catalog.regtype::pg_catalog.oid,
                                                                    'pg_catalog.bit'::pg_catalog.regtype::pg_catalog.oid]) THEN '1'
               WHEN t.modifier OPERATOR(pg_catalog.~) '^[0-9]+$'
                    AND t.element OPERATOR(pg_catalog.=) 'pg_catalog.numeric'::pg_catalog.regtype::pg_catalog.oid
               THEN pg_catalog.concat(t.modifier, ',0')
               ELSE t.modifier END
    FROM typed AS t
), wanted (oid, printed) AS (
    SELECT t.oid, CASE
               WHEN t.element OPERATOR(pg_catalog.=) 'pg_catalog.interval'::pg_catalog.regtype::pg_catalog.oid
               THEN pg_catalog.regexp_replace(pg_catalog.replace(t.spelled, 'pg_catalog.', ''), ' *([()]) *', '\1', 'g')
               WHEN t.modifier OPERATOR(pg_catalog.=) '' THEN pg_catalog.format_type(t.oid, '-1'::pg_catalog.int4)
               WHEN k.name OPERATOR(pg_catalog.~) '^time'
               THEN pg_catalog.regexp_replace(k.name, '^(timestamp|time)', pg_catalog.concat('\1(', t.modifier, ')'))
               WHEN k.name OPERATOR(pg_catalog.~) '\[\]$'
               THEN pg_catalog.regexp_replace(k.name, '\[\]$', pg_catalog.concat('(', t.modifier, ')[]'))
               ELSE pg_catalog.concat(k.name, '(', t.modifier, ')') END
    FROM modified AS t CROSS JOIN LATERAL (SELECT pg_catalog.format_type(t.oid, NULL)) AS k (name)
)
";

const ANSWERS: &str = "\
SELECT m.place, CASE WHEN w.oid IS NOT NULL AND l.place IS NULL THEN a.holds END, CASE
           WHEN w.oid IS NULL THEN {nothing} WHEN l.place IS NOT NULL THEN l.message
           ELSE pg_catalog.concat(m.title, {column}, a.printed, CASE WHEN a.holds THEN '' ELSE pg_catalog.concat(', not ', w.printed) END) END,
       NULL::pg_catalog.int8, NULL::pg_catalog.text, NULL::pg_catalog.text, l.names
FROM meant AS m LEFT JOIN lacking AS l ON l.place OPERATOR(pg_catalog.=) m.place LEFT JOIN wanted AS w ON true
LEFT JOIN LATERAL (
    SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid OPERATOR(pg_catalog.=) w.oid AND (
               (SELECT t.typtype OPERATOR(pg_catalog.=) 'd' FROM pg_catalog.pg_type AS t WHERE t.oid OPERATOR(pg_catalog.=) a.atttypid)
               OR pg_catalog.lower(pg_catalog.format_type(a.atttypid, a.atttypmod)) OPERATOR(pg_catalog.=) pg_catalog.lower(w.printed))
    FROM pg_catalog.pg_attribute AS a CROSS JOIN named AS k
    WHERE a.attrelid OPERATOR(pg_catalog.=) m.relation AND a.attname OPERATOR(pg_catalog.=) k.name
      AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped) AS a (printed, holds) ON true
WHERE NOT m.by_pattern OR l.place IS NULL";
