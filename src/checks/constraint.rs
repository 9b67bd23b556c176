//! A constraint of this name, or of this kind over exactly these columns, validated.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, FieldRule, Need, TABLES, WeakerWhen, can_fail, columns},
    question::{Question, said},
    read::{name, names, text, texts, word},
    validated_constraint::validated_constraint,
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "constraint",
    about: "A validated constraint exists, of this name, or of this kind over exactly these columns.",
    expected: "a map with `table` and `name` or `kind`",
    fields: &[
        TABLES,
        CheckField {
            name: "name",
            form: FieldForm::Text { about: "The constraint's name.", need: Need::May },
            weaker: WeakerWhen::Dropped,
        },
        CheckField {
            name: "kind",
            form: FieldForm::Word {
                about: "The constraint's kind.",
                words: &["primary_key", "unique", "foreign_key", "check", "exclusion"],
            },
            weaker: WeakerWhen::Dropped,
        },
        columns(Need::May, "Its column.", "Its columns, all of them.", WeakerWhen::Dropped),
    ],
    rules: &[
        FieldRule::AnyOf {
            fields: &["name", "kind"],
            message: "the constraint has neither `name` nor `kind`",
            help: "Add its `name`, or its `kind` and `columns`.",
        },
        FieldRule::AnyUnless {
            given: "name",
            fields: &["columns"],
            message: "a constraint without `name` is known by its columns, and they are missing",
            help: "Add `columns`, or the constraint's `name`.",
        },
    ],
    answer: None,
    is_of_its_tables: false,
    cannot_fail: can_fail,
    question,
};

/// Each word of a plan, `pg_constraint.contype`, and the word for people.
const KINDS: [(&str, char, &str); 5] = [
    ("primary_key", 'p', "primary key"),
    ("unique", 'u', "unique constraint"),
    ("foreign_key", 'f', "foreign key"),
    ("check", 'c', "check constraint"),
    ("exclusion", 'x', "exclusion constraint"),
];

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let columns = names(texts(kind, "columns"))?;
    let name = text(kind, "name").map(name).transpose()?;
    let of_kind = word(kind, "kind").and_then(|word| KINDS.iter().find(|(known, ..)| *known == word));
    if name.is_none() && of_kind.is_none() && columns.is_empty() {
        return Err("it names no constraint".to_owned());
    }
    let is_named = name.as_ref().map(|name| format!("c.conname = {}", said(name)));
    let is_of_kind = of_kind.map(|(_, letter, _)| format!("c.contype = '{letter}'"));
    let is_meant: Vec<String> = [is_named, is_of_kind].into_iter().flatten().collect();
    let is_meant = if is_meant.is_empty() { "true".to_owned() } else { is_meant.join(" AND ") };
    let named = name.map(|name| format!(" {name}")).unwrap_or_default();
    let over = if columns.is_empty() { String::new() } else { format!(" over ({})", columns.join(", ")) };
    let word = of_kind.map_or("constraint", |(_, _, word)| word);
    let what = format!("({} || m.title || {})", said(&format!("{word}{named} of ")), said(&over));
    Ok(validated_constraint(kind, &columns, &is_meant, &what))
}
