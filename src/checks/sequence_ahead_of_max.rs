//! Sequences that are ahead of the values in the columns that they feed. One that is not, after rows were loaded with their keys for
//! instance, gives out values that are there already, and inserts fail.

use super::{
    kind::{CheckSpec, Need, TABLES, WeakerWhen, can_fail, columns},
    question::{Question, lacking},
    read::{names, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "sequence_ahead_of_max",
    about: "What a sequence gives out next is in none of the rows: it is ahead of the greatest value of the column that it feeds.",
    expected: "a map with `table` or `tables`",
    fields: &[
        TABLES,
        columns(
            Need::May,
            "A column that a sequence feeds; without one, each that there is.",
            "Columns that sequences feed.",
            WeakerWhen::Fewer,
        ),
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

/// Columns of numbers that a sequence belongs to, or whose default calls one; and whether they are asked for.
const FED: &str = "\
, fed (place, nth, name, sequence, title, increment) AS (
    SELECT m.place, a.attnum, a.attname::text, format('%I.%I', n.nspname, s.relname), format('%s.%s', n.nspname, s.relname), q.seqincrement
    FROM meant AS m JOIN pg_attribute AS a ON a.attrelid = m.relation AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS t ON t.oid = a.atttypid
     AND CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
    CROSS JOIN LATERAL (
        SELECT d.objid FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = m.relation
          AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
        UNION
        SELECT d.refobjid FROM pg_attrdef AS f JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
        WHERE f.adrelid = m.relation AND f.adnum = a.attnum AND d.refclassid = 'pg_class'::regclass) AS d (sequence)
    JOIN pg_class AS s ON s.oid = d.sequence AND s.relkind = 'S'
    JOIN pg_sequence AS q ON q.seqrelid = s.oid
    JOIN pg_namespace AS n ON n.oid = s.relnamespace
    WHERE NOT EXISTS (SELECT FROM named) OR a.attname IN (SELECT k.name FROM named AS k)
), unfed (place, message) AS (
    SELECT m.place, format('no sequence feeds %s of %s', string_agg(k.name, ', ' ORDER BY k.nth), m.title)
    FROM meant AS m CROSS JOIN named AS k
    WHERE (m.place, k.name) NOT IN (SELECT f.place, f.name FROM fed AS f) GROUP BY m.place, m.title
)
";

/// The next value beside the greatest one; the least one where a sequence counts down.
const ANSWERS: &str = "\
SELECT m.place, NULL::bool, coalesce(l.message, u.message, 'no sequence feeds a column of ' || m.title), NULL::bigint,
       CASE WHEN l.place IS NULL AND u.place IS NULL THEN f.query END, NULL::text, l.names
FROM meant AS m LEFT JOIN lacking AS l ON l.place = m.place LEFT JOIN unfed AS u ON u.place = m.place
LEFT JOIN LATERAL (
    SELECT CASE WHEN count(*) > 0 THEN format('SELECT bool_and(y.is_ahead) AS holds, string_agg(y.message, ''; '' ORDER BY y.nth) FILTER (WHERE y.is_ahead = y.are_all) '
                  'AS message, NULL::bigint AS count '
                  'FROM (SELECT x.*, bool_and(x.is_ahead) OVER () AS are_all FROM (%s) AS x (nth, is_ahead, message)) AS y',
                  string_agg(format('SELECT %s, coalesce(CASE WHEN %s > 0 THEN n.value > e.value ELSE n.value < e.value END, true), '
                                    'concat(%L, n.value, CASE WHEN e.value IS NULL THEN %L ELSE %L || e.value END) '
                                    'FROM (SELECT s.last_value::numeric + CASE WHEN s.is_called THEN %s ELSE 0 END FROM %s AS s) AS n (value) '
                                    'CROSS JOIN (SELECT %s(t.%I)::numeric FROM %s AS t) AS e (value)',
                                    row_number, increment, f.title || ' goes on with ', format(', and %s has no %s', m.title, f.name),
                                    format(', and the %s %s of %s is ', CASE WHEN increment > 0 THEN 'greatest' ELSE 'least' END, f.name, m.title),
                                    increment, f.sequence, CASE WHEN increment > 0 THEN 'max' ELSE 'min' END, f.name, m.name),
                             ' UNION ALL ' ORDER BY row_number)) END
    FROM (SELECT f.*, row_number() OVER (ORDER BY f.nth, f.title) FROM fed AS f WHERE f.place = m.place) AS f) AS f (query) ON true
WHERE NOT m.by_pattern OR l.place IS NULL AND u.place IS NULL AND EXISTS (SELECT FROM fed AS f WHERE f.place = m.place)";

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = names(texts(kind, "columns"))?;
    let nothing = match columns.is_empty() {
        true => "no table that is meant has a column that a sequence feeds".to_owned(),
        false => format!("no table that is meant has a sequence that feeds {}", columns.join(", ")),
    };
    Ok(Question::of_tables(kind, &format!("{}{FED}", lacking(&columns)), ANSWERS).nothing(nothing))
}
