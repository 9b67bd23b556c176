//! How many rows a table has.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, TABLES, WeakerWhen},
    question::{Question, said},
    read::{bounds, within},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "row_count",
    about: "The number of rows lies in bounds.",
    expected: "a map with `table` and bounds",
    fields: &[TABLES, CheckField { name: "bounds", form: FieldForm::Bounds, weaker: WeakerWhen::Wider }],
    rules: &[],
    answer: Some("The number of rows."),
    is_of_its_tables: true,
    cannot_fail,
    question,
};

fn cannot_fail(kind: &CheckKind<Rendered>) -> Option<&'static str> {
    let bounds = bounds(kind, "bounds");
    bounds.takes_any().then_some("its bounds take any number of rows")
}

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let bounds = bounds(kind, "bounds");
    let query = format!(
        "SELECT {holds} AS holds, %L || CASE c.n WHEN 1 THEN '1 row' ELSE c.n || ' rows' END || CASE WHEN {holds} THEN '' ELSE {not} END \
         AS message, c.n AS count FROM (SELECT count(*) FROM %s) AS c (n)",
        holds = within("c.n", bounds),
        not = said(&format!(", not {bounds}")),
    );
    let answers = format!(
        "SELECT m.place, NULL::bool, NULL::text, NULL::bigint, format({}, m.title || ' has ', m.name), NULL::text, NULL::text FROM meant AS m",
        said(&query)
    );
    Ok(Question::of_tables(kind, "", &answers))
}
