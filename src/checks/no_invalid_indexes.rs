//! Every index of the tables was built to its end. One that was not, after a CREATE INDEX CONCURRENTLY that failed for instance, answers no
//! query and is written to all the same.

use super::{
    kind::{CheckSpec, TABLES, can_fail},
    question::Question,
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "no_invalid_indexes",
    about: "Every index of the tables is valid: built to its end, and used by queries.",
    expected: "a map with `table` or `tables`",
    fields: &[TABLES],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let answers = "\
SELECT m.place, x.bad = 0, CASE WHEN x.bad = 0 THEN 'no index of ' || m.title || ' is invalid'
                                ELSE format('%s of %s not valid: %s', CASE x.bad WHEN 1 THEN '1 index' ELSE x.bad || ' indexes' END,
                                            m.title || CASE x.bad WHEN 1 THEN ' is' ELSE ' are' END, x.names) END, x.bad,
       NULL::text, NULL::text, NULL::text
FROM meant AS m CROSS JOIN LATERAL (
    SELECT count(*), string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = m.relation AND NOT (i.indisvalid AND i.indisready AND i.indislive)) AS x (bad, names)";
    Ok(Question::of_tables(kind, "", answers))
}
