//! Policies of row-level security: one of this name, or at least so many.

use super::{
    kind::{CheckField, CheckSpec, FieldForm, Need, TABLES, WeakerWhen},
    question::{Question, said},
    read::{array, count, name, text},
};
use crate::plan::{CheckKind, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "policy",
    about: "Policies exist, of this name or at least so many.",
    expected: "a map with `table`",
    fields: &[
        TABLES,
        CheckField {
            name: "name",
            form: FieldForm::Text { about: "The policy's name.", need: Need::May },
            weaker: WeakerWhen::Dropped,
        },
        CheckField {
            name: "at_least",
            form: FieldForm::Count { about: "How many there are at least (1).", default: 1 },
            weaker: WeakerWhen::Lower,
        },
    ],
    rules: &[],
    answer: None,
    is_of_its_tables: false,
    cannot_fail,
    question,
};

fn cannot_fail(kind: &CheckKind<Rendered>) -> Option<&'static str> {
    (text(kind, "name").is_none() && count(kind, "at_least") == 0).then_some("any number of policies is enough for it")
}

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let answers = match text(kind, "name") {
        None => {
            let at_least = count(kind, "at_least");
            format!(
                "\
SELECT m.place, p.n >= {at_least}, CASE WHEN p.n >= {at_least} THEN format('%s has %s policies', m.title, p.n)
           WHEN p.n = 0 THEN m.title || ' has no policy, at least {at_least} asked for'
           ELSE format('%s has %s policies (%s), at least {at_least} asked for', m.title, p.n, p.names) END,
       p.n, NULL::text, NULL::text, NULL::text"
            )
        }
        Some(text) => {
            // A policy's name may be any text, blanks included.
            let folded = name(text).unwrap_or_else(|_| text.sent().to_owned());
            format!(
                "\
SELECT m.place, {is_there}, CASE WHEN {is_there} THEN m.title || ' has policy ' || {shown}
           WHEN p.n = 0 THEN m.title || ' has no policy ' || {shown} || ', nor any other'
           ELSE m.title || ' has no policy ' || {shown} || ', only ' || p.names END,
       NULL::bigint, NULL::text, NULL::text, NULL::text",
                is_there = format_args!("coalesce({} && p.list, false)", array(&[folded.as_str(), text.sent()])),
                shown = said(text.shown()),
            )
        }
    };
    let of = "\nFROM meant AS m CROSS JOIN LATERAL (
    SELECT count(*), string_agg(y.polname, ', ' ORDER BY y.polname), array_agg(y.polname::text)
    FROM pg_policy AS y WHERE y.polrelid = m.relation) AS p (n, names, list)";
    Ok(Question::of_tables(kind, "", &(answers + of)))
}
