//! No orphans: every row has its row in the other table.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, FieldRule, Need, TABLES, TO, WeakerWhen, can_fail, columns},
    offending::{none_null, offending},
    question::{Question, said},
    read::{array, names, some_names, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "references",
    about: "Every row has its row in the other table: no orphans.",
    expected: "a map with `table`, `columns`, `to` and `to_columns`",
    fields: &[
        TABLES,
        columns(Need::Must, "One column.", "Several columns.", WeakerWhen::Unknown),
        TO,
        CheckField {
            name: "to_columns",
            form: FieldForm::Texts {
                one: "to_column",
                about_one: "The other table's column.",
                about: "The other table's columns.",
                need: Need::Must,
                are_objects: false,
            },
            weaker: WeakerWhen::Unknown,
        },
    ],
    rules: &[FieldRule::SameLength { here: "columns", there: "to_columns", help: "Name as many columns on either side." }],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = some_names(texts(kind, "columns"))?;
    let keys = match names(texts(kind, "to_columns"))?.as_slice() {
        [] => PRIMARY_KEY.to_owned(),
        keys => format!("SELECT k.nth, k.name FROM unnest({}) WITH ORDINALITY AS k (name, nth)", array(keys)),
    };
    let list = columns.join(", ");
    let broken = format!(
        "\
{TARGET}, keys (nth, name) AS ({keys})
{EQUAL}, broken (place, good, before, behind, source) AS (
    SELECT m.place, {good} || m.title || ' has its row in ' || g.title, '', ' of ' || m.title || {behind} || g.title,
           m.name || {known} || g.name || ' AS r WHERE ' || e.condition || ')'
    FROM meant AS m JOIN equal AS e ON e.place = m.place CROSS JOIN target AS g
)
",
        good = said(&format!("every {list} of ")),
        behind = said(&format!(" whose {list} has no row in ")),
        known = said(&format!(" AS t WHERE {} AND NOT EXISTS (SELECT FROM ", none_null(&columns))),
    );
    Ok(offending(kind, &columns, &broken, UNANSWERED))
}

const TARGET: &str = "\
, target (relation, title, name) AS (
    SELECT c.oid, format('%s.%s', n.nspname, c.relname), format('%I.%I', n.nspname, c.relname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = (SELECT max(a.other) FROM asked AS a)
)
";

const PRIMARY_KEY: &str = "\
SELECT row_number() OVER (ORDER BY a.attnum), a.attname::text
    FROM target AS g JOIN pg_index AS i ON i.indrelid = g.relation AND i.indisprimary
    JOIN pg_attribute AS a ON a.attrelid = g.relation AND a.attnum = ANY (i.indkey)";

/// How \"equal\" is written for each pair of columns. Types of extensions bring an operator of their own; it counts where it is that of
/// an index, which only a superuser can make so.
const EQUAL: &str = "\
, typed (place, nth, is_own, oid) AS (
    SELECT m.place, n.nth, true, a.atttypid FROM meant AS m CROSS JOIN named AS n
    JOIN pg_attribute AS a ON a.attrelid = m.relation AND a.attname = n.name AND a.attnum > 0
    UNION ALL
    SELECT m.place, k.nth, false, a.atttypid FROM meant AS m CROSS JOIN keys AS k
    JOIN pg_attribute AS a ON a.attrelid = m.other AND a.attname = k.name AND a.attnum > 0
), base (place, nth, is_own, oid) AS (
    SELECT place, nth, is_own, oid FROM typed
    UNION ALL
    SELECT b.place, b.nth, b.is_own, t.typbasetype FROM base AS b JOIN pg_type AS t ON t.oid = b.oid WHERE t.typtype = 'd'
), plain (place, nth, own, other) AS (
    SELECT b.place, b.nth, max(b.oid) FILTER (WHERE b.is_own), max(b.oid) FILTER (WHERE NOT b.is_own)
    FROM base AS b JOIN pg_type AS t ON t.oid = b.oid WHERE t.typtype <> 'd'
    GROUP BY b.place, b.nth
), equal (place, condition) AS (
    SELECT p.place, string_agg(format('r.%I %s t.%I', k.name, coalesce((
               SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
               FROM pg_amop AS x JOIN pg_am AS y ON y.oid = x.amopmethod AND y.amname = 'btree'
               JOIN pg_operator AS o ON o.oid = x.amopopr JOIN pg_namespace AS n ON n.oid = o.oprnamespace
               WHERE x.amopstrategy = 3 AND x.amoplefttype = p.other AND x.amoprighttype = p.own AND n.nspname <> 'pg_catalog'
               ORDER BY x.oid LIMIT 1), '='), c.name), ' AND ' ORDER BY p.nth)
    FROM plain AS p JOIN named AS c ON c.nth = p.nth JOIN keys AS k ON k.nth = p.nth
    GROUP BY p.place
)
";

/// The other table lacks a column, or there are not as many of them.
const UNANSWERED: &str = "
    UNION ALL
    SELECT m.place, format('%s has no column %s', g.title, k.name), json_build_array(json_build_array(g.relation::text, g.title, k.name))::text
    FROM meant AS m CROSS JOIN target AS g CROSS JOIN LATERAL (
        SELECT k.name FROM keys AS k WHERE NOT EXISTS (
            SELECT FROM pg_attribute AS a WHERE a.attrelid = g.relation AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped)
        ORDER BY k.nth LIMIT 1) AS k
    WHERE m.place NOT IN (SELECT l.place FROM lacking AS l)
    UNION ALL
    SELECT m.place, format('%s columns can''t reference %s of %s: %s', o.n, t.n, g.title, coalesce(t.list, 'it has no primary key')), NULL
    FROM meant AS m CROSS JOIN target AS g CROSS JOIN (SELECT count(*) AS n FROM named) AS o
    CROSS JOIN (SELECT count(*) AS n, string_agg(k.name, ', ' ORDER BY k.nth) AS list FROM keys AS k) AS t
    WHERE o.n <> t.n AND m.place NOT IN (SELECT l.place FROM lacking AS l)";
