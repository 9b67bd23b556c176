//! The fields of each kind of check, as `checks` declares them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    super::{
        diagnostics::{Diagnostics, instead},
        node::{Kind as NodeKind, Meaning, Node, shortened},
        scalar::{Flag, Listing, Words, one_of, word_schema},
        shape::{Field, Fields, MapSchema, Read, Refusal, Title, shape, wrong_type},
    },
    expect::{BOUNDS, Count},
    rule::{any_of, at_most_one, exactly_one},
};
use crate::{
    checks::{Form, Kind, Need, Rule},
    plan::{FieldValue, List, Place, Template, Written},
};

/// A kind of check as it is written.
#[derive(Debug, Clone)]
pub(in crate::load) struct KindForm {
    /// The place that stands for the whole in a message.
    pub(in crate::load) at: Place,
    /// Its fields by their names, in the order of the kind's.
    pub(in crate::load) fields: Vec<(&'static str, Given)>,
}

/// What is written in a field, and what it stands for.
#[derive(Debug, Clone)]
pub(in crate::load) enum Given {
    /// One text under one name, or several under the other.
    Texts(Texts),
    /// A text that must be there.
    Text(Field<Words>, fn(Template) -> FieldValue<Written>),
    /// A text that may be left out.
    Perhaps(Field<Words>),
    /// A word.
    Word(Field<&'static str>),
    /// Yes or no, and what it is where it is left out.
    Flag(Field<Flag>, Option<bool>),
    /// A number, and what it is where it is left out.
    Count(Field<Count>, u64),
    /// `at_least`, `at_most` and `exactly`.
    Bounds(Field<Count>, Field<Count>, Field<Count>),
    /// A pattern.
    Pattern(Field<PatternForm>),
    /// A query or its expectation, which stand beside each other and not here.
    Beside,
}

/// One text under one name, or several under another.
#[derive(Debug, Clone)]
pub(in crate::load) struct Texts {
    pub(in crate::load) one: Field<Words>,
    pub(in crate::load) many: Field<Listing<1>>,
    /// The names of both.
    pub(in crate::load) names: (&'static str, &'static str),
    pub(in crate::load) need: Need,
    pub(in crate::load) of: fn(List) -> FieldValue<Written>,
}

impl Given {
    /// Where it is written, by any of its names.
    pub(in crate::load) fn key(&self) -> Option<Place> {
        match self {
            Given::Texts(texts) => texts.many.key.or(texts.one.key),
            Given::Text(field, _) | Given::Perhaps(field) => field.key,
            Given::Word(field) => field.key,
            Given::Flag(field, _) => field.key,
            Given::Count(field, _) => field.key,
            Given::Bounds(least, most, exactly) => least.key.or(most.key).or(exactly.key),
            Given::Pattern(field) => field.key,
            Given::Beside => None,
        }
    }
}

/// Reads the fields of a kind. Under `unchanged` bounds are refused: the numbers are compared with each other.
pub(super) fn read(kind: &'static Kind, node: &Node, is_unchanged: bool, diagnostics: &mut Diagnostics) -> Option<KindForm> {
    let expected = if is_unchanged { "a map with `table` or `tables`" } else { kind.expected };
    let mut fields = Fields::of(node, diagnostics, expected)?;
    let at = fields.at;
    let mut given = Vec::with_capacity(kind.fields.len());
    let mut known = Vec::new();
    for field in kind.fields {
        let written = if is_unchanged && matches!(field.form, Form::Bounds) {
            Given::Bounds(Field::nothing(), Field::nothing(), Field::nothing())
        } else {
            known.extend(written_as(field.name, &field.form));
            read_field(field.name, &field.form, &mut fields)
        };
        given.push((field.name, written));
    }
    let refuse: fn(&str) -> Option<Refusal> = if is_unchanged { bounds_refused } else { |_| None };
    fields.finish(&known, refuse);
    Some(KindForm { at, fields: given })
}

fn bounds_refused(field: &str) -> Option<Refusal> {
    BOUNDS.contains(&field).then(|| Refusal {
        code: "backstop::load::meaningless",
        message: format!("`{field}` means nothing under `unchanged`"),
        help: "Leave the bounds out: the numbers before and after are compared with each other.",
    })
}

/// The names under which a field is written, in the order of the schema.
fn written_as(name: &'static str, form: &Form) -> Vec<&'static str> {
    match form {
        Form::Tables { .. } => vec!["table", name],
        Form::Texts { one, .. } => vec![one, name],
        Form::Bounds => BOUNDS.to_vec(),
        Form::Table { .. }
        | Form::Text { .. }
        | Form::Word { .. }
        | Form::Flag { .. }
        | Form::Count { .. }
        | Form::Pattern { .. }
        | Form::Query
        | Form::Expect => vec![name],
    }
}

fn read_field(name: &'static str, form: &Form, fields: &mut Fields<'_, '_>) -> Given {
    let texts = |fields: &mut Fields<'_, '_>, one: &'static str, need: Need, of: fn(List) -> FieldValue<Written>| {
        Given::Texts(Texts { one: fields.may(one), many: fields.may(name), names: (one, name), need, of })
    };
    match form {
        Form::Tables { .. } => texts(fields, "table", Need::Must, FieldValue::Tables),
        Form::Texts { one, need, are_objects: true, .. } => texts(fields, one, *need, FieldValue::Objects),
        Form::Texts { one, need, are_objects: false, .. } => texts(fields, one, *need, FieldValue::Texts),
        Form::Table { .. } => Given::Text(fields.must(name), FieldValue::Table),
        Form::Text { need: Need::Must, .. } => Given::Text(fields.must(name), FieldValue::Text),
        Form::Text { need: Need::May, .. } => Given::Perhaps(fields.may(name)),
        Form::Word { words, .. } => Given::Word(fields.may_by(name, |node, diagnostics| one_of(node, words, diagnostics))),
        Form::Flag { default, .. } => Given::Flag(fields.may(name), *default),
        Form::Count { default, .. } => Given::Count(fields.may(name), *default),
        Form::Bounds => Given::Bounds(fields.may("at_least"), fields.may("at_most"), fields.may("exactly")),
        Form::Pattern { .. } => Given::Pattern(fields.must(name)),
        Form::Query | Form::Expect => Given::Beside,
    }
}

/// The schema of a kind.
pub(super) fn schema(kind: &'static Kind, is_unchanged: bool, generator: &mut SchemaGenerator) -> Schema {
    let mut map = MapSchema::new(&[kind.about]);
    let mut rules = Vec::new();
    for field in kind.fields.iter().filter(|field| !is_unchanged || !matches!(field.form, Form::Bounds)) {
        field_schema(field.name, &field.form, &mut map, &mut rules, generator);
    }
    rules.extend(kind.rules.iter().filter_map(|rule| rule_schema(kind, rule)));
    map.finish(Value::Array(rules))
}

fn field_schema(
    name: &'static str,
    form: &Form,
    map: &mut MapSchema,
    rules: &mut Vec<Value>,
    generator: &mut SchemaGenerator,
) {
    match form {
        Form::Tables { many } => {
            map.field::<Words>(generator, "table", "may", &["One table."]);
            map.field::<Listing<1>>(generator, name, "may", &[many]);
            rules.push(exactly_one(&["table", name]));
        }
        Form::Texts { one, about_one, about, need, .. } => {
            map.field::<Words>(generator, one, "may", &[about_one]);
            map.field::<Listing<1>>(generator, name, "may", &[about]);
            rules.push(match need {
                Need::Must => exactly_one(&[one, name]),
                Need::May => at_most_one(&[one, name]),
            });
        }
        Form::Table { about } | Form::Text { about, need: Need::Must } => {
            map.field::<Words>(generator, name, "must", &[about]);
        }
        Form::Text { about, need: Need::May } => map.field::<Words>(generator, name, "may", &[about]),
        Form::Word { about, words } => map.add(name, "may", &[about], word_schema(words)),
        Form::Flag { about, .. } => map.field::<Flag>(generator, name, "may", &[about]),
        Form::Count { about, .. } => map.field::<Count>(generator, name, "may", &[about]),
        Form::Bounds => {
            map.field::<Count>(generator, "at_least", "may", &["Not less than this."]);
            map.field::<Count>(generator, "at_most", "may", &["Not more than this."]);
            map.field::<Count>(generator, "exactly", "may", &["Exactly this."]);
            rules.push(at_most_one(&["exactly", "at_least"]));
            rules.push(at_most_one(&["exactly", "at_most"]));
        }
        Form::Pattern { about } => map.field::<PatternForm>(generator, name, "must", &[about]),
        Form::Query | Form::Expect => {}
    }
}

/// What JSON Schema can say of a rule; it can't compare lengths.
fn rule_schema(kind: &'static Kind, rule: &Rule) -> Option<Value> {
    let names = |fields: &[&str]| {
        let meant = kind.fields.iter().filter(|field| fields.contains(&field.name));
        meant.flat_map(|field| written_as(field.name, &field.form)).collect::<Vec<_>>()
    };
    match rule {
        Rule::AnyOf { fields, .. } => Some(any_of(&names(fields))),
        Rule::AnyUnless { given, fields, .. } => {
            Some(json!({"if": {"not": any_of(&names(&[given]))}, "then": any_of(&names(fields))}))
        }
        Rule::SameLength { .. } => None,
    }
}

shape! {
    /// A regular expression.
    RegexForm, "`uuid`, `email` or `{regex: ...}`" {
        /// The expression, as PostgreSQL's `~` takes it.
        must regex: Words,
    }
}

/// A pattern.
#[derive(Debug, Clone)]
pub(in crate::load) enum PatternForm {
    /// What `::uuid` accepts.
    Uuid,
    /// A plausible e-mail address.
    Email,
    /// A regular expression.
    Regex(RegexForm),
}

impl Read for PatternForm {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let NodeKind::Scalar(scalar) = &node.kind else {
            return RegexForm::read(node, diagnostics).map(PatternForm::Regex);
        };
        match (scalar.text.as_str(), scalar.meaning) {
            ("uuid", _) => Some(PatternForm::Uuid),
            ("email", _) => Some(PatternForm::Email),
            (_, Meaning::Null) => {
                wrong_type(node, "`uuid`, `email` or `{regex: ...}`", diagnostics);
                None
            }
            (other, _) => {
                let message = format!("unknown pattern `{}`", shortened(other));
                let help =
                    format!("{} A regular expression is written `{{regex: ...}}`.", instead(other, &["uuid", "email"]));
                diagnostics.report("backstop::load::unknown_value", node.at, message, help);
                None
            }
        }
    }
}

impl JsonSchema for PatternForm {
    fn schema_name() -> Title {
        "PatternForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"enum": ["uuid", "email"]}, generator.subschema_for::<RegexForm>()]})
    }
}
