//! Columns whose values are there once. Rows with NULL in one of them agree with none, as in a UNIQUE constraint.

use super::{
    kind::{CheckSpec, Need, TABLES, WeakerWhen, can_fail, columns},
    offending::{counting, none_null, of_row},
    question::{Question, said},
    read::{some_names, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "unique",
    about: "No two rows agree in all of the columns.",
    expected: "a map with `table` and `columns`",
    fields: &[TABLES, columns(Need::Must, "One column.", "Several columns.", WeakerWhen::More)],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = some_names(texts(kind, "columns"))?;
    let list = of_row(&columns).join(", ");
    let named = columns.join(", ");
    let groups = format!(" AS t WHERE {} GROUP BY {list} HAVING count(*) > 1", none_null(&columns));
    let counted = format!(
        "\
, counted (place, good, before, behind, counting, sample) AS (
    SELECT m.place, {good} || m.title, '', ' of ' || m.title || {behind},
           'SELECT coalesce(sum(g.n), 0)::bigint FROM (SELECT count(*) AS n FROM ' || m.name || {groups} || ') AS g', {shown} || m.name || {groups}
    FROM meant AS m
)
",
        good = said(&format!("{named} is unique in ")),
        behind = said(&format!(" share their {named} with others")),
        groups = said(&groups),
        shown = said(&format!("SELECT {list}, count(*) AS \"rows\" FROM ")),
    );
    Ok(counting(kind, &columns, &counted, ""))
}
