//! Privileges of a role. Where they must not be granted, a single one that is breaks the check.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, Need, TABLES, WeakerWhen, can_fail},
    question::{Question, said},
    read::{array, flag, must, texts},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "privilege",
    about: "The role has, or has not, all of the privileges.",
    expected: "a map with `table`, `role` and `privileges`",
    fields: &[
        TABLES,
        CheckField {
            name: "role",
            form: FieldForm::Text { about: "The role.", need: Need::Must },
            weaker: WeakerWhen::Unknown,
        },
        CheckField {
            name: "privileges",
            form: FieldForm::Texts {
                one: "privilege",
                about_one: "One privilege.",
                about: "Several privileges.",
                need: Need::Must,
                are_objects: false,
            },
            weaker: WeakerWhen::Fewer,
        },
        CheckField {
            name: "granted",
            form: FieldForm::Flag { about: "Whether the role has them (true).", default: Some(true) },
            weaker: WeakerWhen::Opposite,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

/// What `ALL` stands for in GRANT (<https://www.postgresql.org/docs/current/ddl-priv.html>), as far as every server knows it.
const ALL_PRIVILEGES: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let role = must(kind, "role")?;
    let mut asked = Vec::new();
    for privilege in texts(kind, "privileges") {
        match privilege.sent().to_ascii_uppercase().as_str() {
            "ALL" | "ALL PRIVILEGES" => asked.extend(ALL_PRIVILEGES.map(str::to_owned)),
            one => asked.push(one.to_owned()),
        }
    }
    if asked.is_empty() {
        return Err("it names no privilege".to_owned());
    }
    let granted = flag(kind, "granted").unwrap_or(true);
    let (has, lacks) = (format!("{role} has "), format!("{role} does not have "));
    let (is, is_not) = if granted { (has, lacks) } else { (lacks, has) };
    let answers = format!(
        "\
SELECT m.place, w.list IS NULL, CASE WHEN w.list IS NULL THEN {is} ELSE {is_not} || w.list END || ' on ' || m.title,
       NULL::bigint, NULL::text, NULL::text, NULL::text
FROM meant AS m CROSS JOIN LATERAL (
    SELECT string_agg(p.name, ', ' ORDER BY p.nth) FROM unnest({asked}) WITH ORDINALITY AS p (name, nth)
    WHERE has_table_privilege({role}::name, m.relation, p.name) <> {granted}) AS w (list)",
        is = said(&format!("{is}{}", asked.join(", "))),
        is_not = said(&is_not),
        role = said(role.sent()),
        asked = array(&asked),
    );
    Ok(Question::of_tables(kind, "", &answers))
}
