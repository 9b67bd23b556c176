//! Row-level security is on, and holds for the owner as well, or not.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, TABLES, WeakerWhen, can_fail},
    question::Question,
    read::flag,
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "row_security",
    about: "Row-level security is enabled, and forced, or not.",
    expected: "a map with `table` and `enabled`",
    fields: &[
        TABLES,
        CheckField {
            name: "enabled",
            form: FieldForm::Flag { about: "Whether it is enabled (true).", default: Some(true) },
            weaker: WeakerWhen::Opposite,
        },
        CheckField {
            name: "forced",
            form: FieldForm::Flag { about: "Whether it holds for the owner as well.", default: None },
            weaker: WeakerWhen::Dropped,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let enabled = flag(kind, "enabled").unwrap_or(true);
    let forced = flag(kind, "forced").map(|forced| format!(" AND c.relforcerowsecurity = {forced}")).unwrap_or_default();
    let answers = format!(
        "\
SELECT m.place, c.relrowsecurity = {enabled}{forced}, format('row-level security of %s is %s', m.title, CASE
           WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'enabled and forced' WHEN c.relrowsecurity THEN 'enabled, not forced'
           WHEN c.relforcerowsecurity THEN 'forced but not enabled' ELSE 'not enabled' END),
       NULL::bigint, NULL::text, NULL::text, NULL::text
FROM meant AS m JOIN pg_class AS c ON c.oid = m.relation"
    );
    Ok(Question::of_tables(kind, "", &answers))
}
