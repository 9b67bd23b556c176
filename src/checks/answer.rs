//! What the answer of a plan's own query means.

use super::{question::said, read::within};
use crate::plan::{Expect, Rendered};

/// SQL that answers `holds`, NULL where the answer is none that could be meant, `message` and `count`. It goes on behind
/// `WITH answered (rows, columns, cell, shown, text) AS (…)`: how many rows and columns came, the first cell of the first row in full and as
/// it is shown, and all of it.
pub(super) fn judgement(expect: Option<&Expect<Rendered>>) -> String {
    match expect {
        None => "SELECT true AS holds, CASE WHEN a.rows = 1 AND a.columns = 1 THEN coalesce(a.shown, 'NULL') ELSE a.text END AS message, \
                 NULL::bigint AS count FROM answered AS a"
            .to_owned(),
        Some(Expect::Rows(bounds)) => format!(
            "SELECT {holds} AS holds, CASE a.rows WHEN 1 THEN '1 row' ELSE a.rows || ' rows' END || CASE WHEN {holds} THEN '' ELSE {not} END \
             AS message, a.rows AS count FROM answered AS a",
            holds = within("a.rows", *bounds),
            not = said(&format!(", not {bounds}")),
        ),
        Some(Expect::Value(wanted)) => of_cell(
            &format!("a.cell IS NOT DISTINCT FROM {}", said(wanted.sent())),
            &format!(
                "CASE WHEN a.cell IS NOT DISTINCT FROM {} THEN {} ELSE 'the answer is ' || coalesce(a.shown, 'NULL') || {} END",
                said(wanted.sent()),
                said(&format!("the answer is {wanted}")),
                said(&format!(", not {wanted}")),
            ),
            "NULL::bigint",
        ),
        Some(Expect::Number(bounds)) => {
            let is_number = "a.cell ~ '^[+-]?[0-9]+$'";
            let holds = within("a.cell::numeric", *bounds);
            let not = said(&format!(", not {bounds}"));
            of_cell(
                &format!("CASE WHEN a.cell IS NULL THEN false WHEN {is_number} THEN {holds} END"),
                &format!(
                    "CASE WHEN a.cell IS NULL THEN 'the answer is NULL' || {not} \
                     WHEN NOT {is_number} THEN 'the answer is no whole number: ' || a.shown \
                     ELSE 'the answer is ' || a.cell::numeric || CASE WHEN {holds} THEN '' ELSE {not} END END"
                ),
                &format!(
                    "CASE WHEN {is_number} THEN CASE WHEN a.cell::numeric BETWEEN 0 AND 9223372036854775807 THEN a.cell::bigint END END"
                ),
            )
        }
    }
}

/// What is said of the one cell of the one row.
fn of_cell(holds: &str, message: &str, count: &str) -> String {
    format!(
        "SELECT CASE WHEN a.rows = 1 AND a.columns = 1 THEN {holds} END AS holds, CASE WHEN a.rows = 1 AND a.columns = 1 THEN {message} \
         WHEN a.rows = 0 THEN 'one row with one column is expected, it answers no row' ELSE format('one row with one column is expected, it answers %s rows of %s', a.rows, a.columns) END AS message, \
         CASE WHEN a.rows = 1 AND a.columns = 1 THEN {count} END AS count FROM answered AS a"
    )
}
