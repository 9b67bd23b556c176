//! The fields of each kind of check, as `checks` declares them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    super::{
        diagnostics::{Diagnostics, instead},
        node::{Meaning, NodeKind, ValueNode, shortened},
        scalar::{Flag, Listing, NonBlankText, one_of, word_schema},
        shape::{FieldRefusal, Fields, FromNode, MapSchema, ShapeField, Title, shape, wrong_type},
    },
    expect::{BOUNDS, Count},
    rule::{any_of, at_most_one, exactly_one},
};
use crate::{
    checks::{CheckSpec, FieldForm, FieldRule, Need},
    plan::{FieldValue, List, Place, Template, Written},
};

/// A kind of check as it is written.
#[derive(Debug, Clone)]
pub(in crate::load) struct KindForm {
    /// The place that stands for the whole in a message.
    pub(in crate::load) at: Place,
    /// Its fields by their names, in the order of the kind's.
    pub(in crate::load) fields: Vec<(&'static str, WrittenField)>,
}

/// What is written in a field, and what it stands for.
#[derive(Debug, Clone)]
pub(in crate::load) enum WrittenField {
    /// One text under one name, or several under the other.
    Texts(Texts),
    /// A text that must be there.
    Text(ShapeField<NonBlankText>, fn(Template) -> FieldValue<Written>),
    /// A text that may be left out.
    Perhaps(ShapeField<NonBlankText>),
    /// A word.
    Word(ShapeField<&'static str>),
    /// Yes or no, and what it is where it is left out.
    Flag(ShapeField<Flag>, Option<bool>),
    /// A number, and what it is where it is left out.
    Count(ShapeField<Count>, u64),
    /// `at_least`, `at_most` and `exactly`.
    Bounds(ShapeField<Count>, ShapeField<Count>, ShapeField<Count>),
    /// A pattern.
    Pattern(ShapeField<PatternForm>),
    /// A query or its expectation, which stand beside each other and not here.
    Beside,
}

/// One text under one name, or several under another.
#[derive(Debug, Clone)]
pub(in crate::load) struct Texts {
    pub(in crate::load) one: ShapeField<NonBlankText>,
    pub(in crate::load) many: ShapeField<Listing<1>>,
    /// The names of both.
    pub(in crate::load) names: (&'static str, &'static str),
    pub(in crate::load) need: Need,
    pub(in crate::load) of: fn(List) -> FieldValue<Written>,
}

impl WrittenField {
    /// Where it is written, by any of its names.
    pub(in crate::load) fn key(&self) -> Option<Place> {
        match self {
            WrittenField::Texts(texts) => texts.many.key.or(texts.one.key),
            WrittenField::Text(field, _) | WrittenField::Perhaps(field) => field.key,
            WrittenField::Word(field) => field.key,
            WrittenField::Flag(field, _) => field.key,
            WrittenField::Count(field, _) => field.key,
            WrittenField::Bounds(least, most, exactly) => least.key.or(most.key).or(exactly.key),
            WrittenField::Pattern(field) => field.key,
            WrittenField::Beside => None,
        }
    }
}

/// Reads the fields of a kind. Under `unchanged` bounds are refused: the numbers are compared with each other.
pub(super) fn read(
    kind: &'static CheckSpec,
    node: &ValueNode,
    is_unchanged: bool,
    diagnostics: &mut Diagnostics,
) -> Option<KindForm> {
    let expected = if is_unchanged { "a map with `table` or `tables`" } else { kind.expected };
    let mut fields = Fields::of(node, diagnostics, expected)?;
    let at = fields.at;
    let mut given = Vec::with_capacity(kind.fields.len());
    let mut known = Vec::new();
    for field in kind.fields {
        let written = if is_unchanged && matches!(field.form, FieldForm::Bounds) {
            WrittenField::Bounds(ShapeField::nothing(), ShapeField::nothing(), ShapeField::nothing())
        } else {
            known.extend(written_as(field.name, &field.form));
            read_field(field.name, &field.form, &mut fields)
        };
        given.push((field.name, written));
    }
    let refuse: fn(&str) -> Option<FieldRefusal> = if is_unchanged { bounds_refused } else { |_| None };
    fields.finish(&known, refuse);
    Some(KindForm { at, fields: given })
}

fn bounds_refused(field: &str) -> Option<FieldRefusal> {
    BOUNDS.contains(&field).then(|| FieldRefusal {
        code: "backstop::load::meaningless",
        message: format!("`{field}` means nothing under `unchanged`"),
        help: "Leave the bounds out: the numbers before and after are compared with each other.",
    })
}

/// The names under which a field is written, in the order of the schema.
fn written_as(name: &'static str, form: &FieldForm) -> Vec<&'static str> {
    match form {
        FieldForm::Tables { .. } => vec!["table", name],
        FieldForm::Texts { one, .. } => vec![one, name],
        FieldForm::Bounds => BOUNDS.to_vec(),
        FieldForm::Table { .. }
        | FieldForm::Text { .. }
        | FieldForm::Word { .. }
        | FieldForm::Flag { .. }
        | FieldForm::Count { .. }
        | FieldForm::Pattern { .. }
        | FieldForm::Query
        | FieldForm::Expect => vec![name],
    }
}

fn read_field(name: &'static str, form: &FieldForm, fields: &mut Fields<'_, '_>) -> WrittenField {
    let texts = |fields: &mut Fields<'_, '_>, one: &'static str, need: Need, of: fn(List) -> FieldValue<Written>| {
        WrittenField::Texts(Texts { one: fields.may(one), many: fields.may(name), names: (one, name), need, of })
    };
    match form {
        FieldForm::Tables { .. } => texts(fields, "table", Need::Must, FieldValue::Tables),
        FieldForm::Texts { one, need, are_objects: true, .. } => texts(fields, one, *need, FieldValue::Objects),
        FieldForm::Texts { one, need, are_objects: false, .. } => texts(fields, one, *need, FieldValue::Texts),
        FieldForm::Table { .. } => WrittenField::Text(fields.must(name), FieldValue::Table),
        FieldForm::Text { need: Need::Must, .. } => WrittenField::Text(fields.must(name), FieldValue::Text),
        FieldForm::Text { need: Need::May, .. } => WrittenField::Perhaps(fields.may(name)),
        FieldForm::Word { words, .. } => {
            WrittenField::Word(fields.may_by(name, |node, diagnostics| one_of(node, words, diagnostics)))
        }
        FieldForm::Flag { default, .. } => WrittenField::Flag(fields.may(name), *default),
        FieldForm::Count { default, .. } => WrittenField::Count(fields.may(name), *default),
        FieldForm::Bounds => WrittenField::Bounds(fields.may("at_least"), fields.may("at_most"), fields.may("exactly")),
        FieldForm::Pattern { .. } => WrittenField::Pattern(fields.must(name)),
        FieldForm::Query | FieldForm::Expect => WrittenField::Beside,
    }
}

/// The schema of a kind.
pub(super) fn schema(kind: &'static CheckSpec, is_unchanged: bool, generator: &mut SchemaGenerator) -> Schema {
    let mut map = MapSchema::new(&[kind.about]);
    let mut rules = Vec::new();
    for field in kind.fields.iter().filter(|field| !is_unchanged || !matches!(field.form, FieldForm::Bounds)) {
        field_schema(field.name, &field.form, &mut map, &mut rules, generator);
    }
    rules.extend(kind.rules.iter().filter_map(|rule| rule_schema(kind, rule)));
    map.finish(Value::Array(rules))
}

fn field_schema(
    name: &'static str,
    form: &FieldForm,
    map: &mut MapSchema,
    rules: &mut Vec<Value>,
    generator: &mut SchemaGenerator,
) {
    match form {
        FieldForm::Tables { many } => {
            map.field::<NonBlankText>(generator, "table", "may", &["One table."]);
            map.field::<Listing<1>>(generator, name, "may", &[many]);
            rules.push(exactly_one(&["table", name]));
        }
        FieldForm::Texts { one, about_one, about, need, .. } => {
            map.field::<NonBlankText>(generator, one, "may", &[about_one]);
            map.field::<Listing<1>>(generator, name, "may", &[about]);
            rules.push(match need {
                Need::Must => exactly_one(&[one, name]),
                Need::May => at_most_one(&[one, name]),
            });
        }
        FieldForm::Table { about } | FieldForm::Text { about, need: Need::Must } => {
            map.field::<NonBlankText>(generator, name, "must", &[about]);
        }
        FieldForm::Text { about, need: Need::May } => map.field::<NonBlankText>(generator, name, "may", &[about]),
        FieldForm::Word { about, words } => map.add(name, "may", &[about], word_schema(words)),
        FieldForm::Flag { about, .. } => map.field::<Flag>(generator, name, "may", &[about]),
        FieldForm::Count { about, .. } => map.field::<Count>(generator, name, "may", &[about]),
        FieldForm::Bounds => {
            map.field::<Count>(generator, "at_least", "may", &["Not less than this."]);
            map.field::<Count>(generator, "at_most", "may", &["Not more than this."]);
            map.field::<Count>(generator, "exactly", "may", &["Exactly this."]);
            rules.push(at_most_one(&["exactly", "at_least"]));
            rules.push(at_most_one(&["exactly", "at_most"]));
        }
        FieldForm::Pattern { about } => map.field::<PatternForm>(generator, name, "must", &[about]),
        FieldForm::Query | FieldForm::Expect => {}
    }
}

/// What JSON Schema can say of a rule; it can't compare lengths.
fn rule_schema(kind: &'static CheckSpec, rule: &FieldRule) -> Option<Value> {
    let names = |fields: &[&str]| {
        let meant = kind.fields.iter().filter(|field| fields.contains(&field.name));
        meant.flat_map(|field| written_as(field.name, &field.form)).collect::<Vec<_>>()
    };
    match rule {
        FieldRule::AnyOf { fields, .. } => Some(any_of(&names(fields))),
        FieldRule::AnyUnless { given, fields, .. } => {
            Some(json!({"if": {"not": any_of(&names(&[given]))}, "then": any_of(&names(fields))}))
        }
        FieldRule::SameLength { .. } => None,
    }
}

shape! {
    /// A regular expression.
    RegexForm, "`uuid`, `email` or `{regex: ...}`" {
        /// The expression, as PostgreSQL's `~` takes it.
        must regex: NonBlankText,
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

impl FromNode for PatternForm {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
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
