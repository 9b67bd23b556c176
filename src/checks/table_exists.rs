//! Tables are there.

use super::{
    kind::{CheckSpec, Need, TABLES, WeakerWhen, can_fail, columns},
    question::{Question, lacking},
    read::{names, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "table_exists",
    about: "The tables exist, with at least these columns.",
    expected: "a map with `table` or `tables`",
    fields: &[TABLES, columns(Need::May, "A column that each has.", "Columns that each has.", WeakerWhen::Fewer)],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = names(texts(kind, "columns"))?;
    let with = if columns.is_empty() { "" } else { " with all of the columns" };
    let answers = format!(
        "\
SELECT m.place, l.place IS NULL, coalesce(l.message, m.title || ' exists{with}'), NULL::bigint, NULL::text, NULL::text, l.names
FROM meant AS m LEFT JOIN lacking AS l ON l.place = m.place
UNION ALL
SELECT a.place, false, a.missing, NULL, NULL, NULL, NULL FROM asked AS a WHERE a.relation IS NULL"
    );
    Ok(Question::of_tables(kind, &lacking(&columns), &answers).missing_is_an_answer())
}
