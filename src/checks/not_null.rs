//! Columns without NULL.

use super::{
    kind::{CheckSpec, Need, TABLES, WeakerWhen, can_fail, columns},
    offending::{of_row, offending},
    question::{Question, said},
    read::{some_names, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "not_null",
    about: "No row has NULL in any of the columns.",
    expected: "a map with `table` and `columns`",
    fields: &[TABLES, columns(Need::Must, "One column.", "Several columns.", WeakerWhen::Fewer)],
    rules: &[],
    answer: None,
    is_of_its_tables: true,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = some_names(texts(kind, "columns"))?;
    let any_null = of_row(&columns).iter().map(|column| format!("{column} IS NULL")).collect::<Vec<_>>().join(" OR ");
    let with = format!(" with NULL in {}", columns.join(" or "));
    let broken = format!(
        "\
, broken (place, good, before, behind, source) AS (
    SELECT m.place, m.title || {}, m.title || ' has ', {}, m.name || {} FROM meant AS m
)
",
        said(&format!(" has no row{with}")),
        said(&with),
        said(&format!(" AS t WHERE {any_null}"))
    );
    Ok(offending(kind, &columns, &broken, ""))
}
