//! Kinds that count the rows that break something, and show a few of them.

use super::question::{Question, lacking};
use crate::{
    plan::{CheckKind, Rendered},
    sql::quote,
};

/// Asks for rows that break something. `counted` is a query for WITH that names each table's place and five texts: what is said where
/// there is no such row, what stands before and behind the number of rows where there are some, the query that counts them, and the one
/// that shows them. `unanswered` goes on a query for tables that have no answer for other reasons than a missing column.
pub(super) fn counting(kind: &CheckKind<Rendered>, columns: &[String], counted: &str, unanswered: &str) -> Question {
    let parts = format!(
        "{}{counted}, unanswered (place, message, names) AS (SELECT l.place, l.message, l.names FROM lacking AS l{unanswered})\n",
        lacking(columns)
    );
    let answers = "\
SELECT c.place, NULL::pg_catalog.bool, NULL::pg_catalog.text, NULL::pg_catalog.int8,
       pg_catalog.format('SELECT c.n = 0 AS holds, CASE c.n WHEN 0 THEN %L WHEN 1 THEN %L ELSE %L || c.n || %L END AS message, c.n AS count '
                         'FROM (%s) AS c (n)', c.good, c.before || '1 row' || c.behind, c.before, ' rows' || c.behind, c.counting),
       c.sample, NULL::pg_catalog.text
FROM counted AS c WHERE c.place NOT IN (SELECT u.place FROM unanswered AS u)
UNION ALL
SELECT u.place, NULL, u.message, NULL, NULL, NULL, u.names FROM unanswered AS u";
    Question::of_tables(kind, &parts, answers)
}

/// The same for rows that are found by a condition: `broken` names each table's place, the three texts, and what stands behind FROM. The
/// table is known as t.
pub(super) fn offending(kind: &CheckKind<Rendered>, columns: &[String], broken: &str, unanswered: &str) -> Question {
    let counted = format!(
        "\
{broken}{SHOWN}, counted (place, good, before, behind, counting, sample) AS (
    SELECT b.place, b.good, b.before, b.behind, 'SELECT count(*) FROM ' || b.source, 'SELECT ' || s.list || ' FROM ' || b.source
    FROM broken AS b JOIN shown AS s ON s.place = b.place
)
"
    );
    counting(kind, columns, &counted, unanswered)
}

/// What shows a row: its primary key and the columns in question; where it has no key, its first columns.
const SHOWN: &str = "\
, described (place, name, nth, asked, is_first) AS (
    SELECT k.place, k.name, k.nth, k.asked, k.in_key OR NOT k.has_key AND k.number <= 8
    FROM (SELECT m.place, a.attname::text AS name, a.attnum AS nth, (SELECT min(n.nth) FROM named AS n WHERE n.name = a.attname) AS asked,
                 i.indrelid IS NOT NULL AS in_key, bool_or(i.indrelid IS NOT NULL) OVER (PARTITION BY m.place) AS has_key,
                 row_number() OVER (PARTITION BY m.place ORDER BY a.attnum) AS number
          FROM meant AS m JOIN pg_attribute AS a ON a.attrelid = m.relation AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_index AS i ON i.indrelid = m.relation AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS k
)
, shown (place, list) AS (
    SELECT d.place, string_agg(format('t.%I', d.name), ', ' ORDER BY d.is_first DESC, CASE WHEN d.is_first THEN d.nth ELSE d.asked END)
    FROM described AS d WHERE d.is_first OR d.asked IS NOT NULL GROUP BY d.place
)
";

/// The columns of a row, known as t.
pub(super) fn of_row(columns: &[String]) -> Vec<String> {
    columns.iter().map(|column| format!("t.{}", quote::ident(column))).collect()
}

/// The condition that a row has NULL in none of the columns.
pub(super) fn none_null(columns: &[String]) -> String {
    of_row(columns).iter().map(|column| format!("{column} IS NOT NULL")).collect::<Vec<_>>().join(" AND ")
}
