//! Constraints that stand: they are there, validated, and enforced where the server knows the difference.

use super::question::{Question, lacking};
use crate::plan::{CheckKind, Rendered};

/// Asks for a constraint of each table over exactly these columns, in any order, or over any where none is named. `is_meant` is the
/// condition on one, known as c, of the table m; `what` the expression that names it for people.
pub(super) fn validated_constraint(kind: &CheckKind<Rendered>, columns: &[String], is_meant: &str, what: &str) -> Question {
    let over = match columns.is_empty() {
        true => "",
        false => {
            "
         AND cardinality(c.conkey) = (SELECT count(*) FROM named)
         AND (SELECT array_agg(n.name) FROM named AS n) @> ARRAY(
             SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))"
        }
    };
    let parts = format!(
        "\
{}, constraints (place, name, stands) AS (
    SELECT m.place, c.conname, c.convalidated AND coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)
    FROM meant AS m JOIN pg_constraint AS c ON c.conrelid = m.relation
    WHERE {is_meant}{over}
)
",
        lacking(columns)
    );
    let answers = format!(
        "\
SELECT m.place, CASE WHEN l.place IS NULL THEN coalesce(f.stands, false) END,
       CASE WHEN l.place IS NOT NULL THEN l.message
            WHEN f.stands THEN format('%s exists: %s', {what}, f.name)
            WHEN f.name IS NOT NULL THEN format('%s exists but is not validated: %s', {what}, f.name)
            ELSE 'there is no ' || {what} END, NULL::bigint, NULL::text, NULL::text, l.names
FROM meant AS m LEFT JOIN lacking AS l ON l.place = m.place
LEFT JOIN LATERAL (SELECT c.stands, c.name FROM constraints AS c WHERE c.place = m.place ORDER BY c.stands DESC, c.name LIMIT 1) AS f ON true"
    );
    Question::of_tables(kind, &parts, &answers)
}
