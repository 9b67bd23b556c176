//! A query of the plan's own, and what it must answer.

use super::{
    answer::judgement,
    kind::{CheckField, CheckSpec, FieldForm, WeakerWhen},
    question::{Of, Question},
    read::must,
};
use crate::plan::{CheckKind, Expect, FieldValue, Rendered};

pub(super) const KIND: CheckSpec = CheckSpec {
    name: "sql",
    about: "A query, whose answer must be as `expect` says.",
    expected: "a text",
    fields: &[
        CheckField { name: "sql", form: FieldForm::Query, weaker: WeakerWhen::OtherSql },
        CheckField { name: "expect", form: FieldForm::Expect, weaker: WeakerWhen::WiderAnswer },
    ],
    rules: &[],
    answer: Some("A query, whose answer must stay equal."),
    is_of_its_tables: false,
    cannot_fail,
    question,
};

fn cannot_fail(kind: &CheckKind<Rendered>) -> Option<&'static str> {
    let Some(FieldValue::Expect(Expect::Rows(bounds))) = kind.field("expect") else { return None };
    bounds.takes_any().then_some("it takes any number of rows")
}

fn question(kind: &CheckKind<Rendered>) -> Result<Question, String> {
    let expect = if let Some(FieldValue::Expect(expect)) = kind.field("expect") { Some(expect) } else { None };
    Ok(Question { of: Of::Query(must(kind, "sql")?.clone()), sql: judgement(expect), is_under_path: false })
}
