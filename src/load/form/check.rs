//! The fields of checks.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::{
    super::{
        diagnostics::Diagnostics,
        node::ValueNode,
        scalar::{AnyWords, Choice, Name, NonBlankText},
        shape::{FieldRefusal, Fields, FromNode, MapSchema, ShapeField, Title},
    },
    expect::{BOUNDS, ExpectForm},
    kind::{self, KindForm},
    rule::{any_of, exactly_one},
};
use crate::{
    checks::{CheckSpec, FieldForm, KINDS},
    plan::{Place, Severity},
};

/// A check: an id and exactly one kind.
#[derive(Debug, Clone)]
pub(in crate::load) struct CheckForm(pub(in crate::load) AskedForm);

/// What must be equal before and after: an id, and what has an answer of its own.
#[derive(Debug, Clone)]
pub(in crate::load) struct InvariantForm(pub(in crate::load) AskedForm);

/// What both hold.
#[derive(Debug, Clone)]
pub(in crate::load) struct AskedForm {
    /// The place that stands for the whole in a message.
    pub(in crate::load) at: Place,
    /// Unique among the checks.
    pub(in crate::load) id: ShapeField<Name>,
    /// What a failure means.
    pub(in crate::load) severity: ShapeField<Choice<Severity>>,
    /// What to do about it.
    pub(in crate::load) hint: ShapeField<AnyWords>,
    /// The kinds that may stand here. The one that is a query holds none of its fields: they stand beside each other.
    pub(in crate::load) kinds: Vec<(&'static CheckSpec, ShapeField<KindForm>)>,
    /// The query, of the kind that is one.
    pub(in crate::load) query: ShapeField<NonBlankText>,
    /// What it must answer.
    pub(in crate::load) expect: ShapeField<ExpectForm>,
}

/// The kinds that may stand somewhere.
fn kinds(is_unchanged: bool) -> impl Iterator<Item = &'static CheckSpec> {
    KINDS.into_iter().filter(move |kind| !is_unchanged || kind.answer.is_some())
}

fn is_query(kind: &CheckSpec) -> bool {
    kind.fields.iter().any(|field| matches!(field.form, FieldForm::Query))
}

fn read(node: &ValueNode, is_unchanged: bool, diagnostics: &mut Diagnostics) -> Option<AskedForm> {
    let expected =
        if is_unchanged { "a check: a map with `id` and `sql`" } else { "a check: a map with `id` and what it asks" };
    let mut fields = Fields::of(node, diagnostics, expected)?;
    let at = fields.at;
    let (id, severity, hint) = (fields.must("id"), fields.may("severity"), fields.may("hint"));
    let (mut query, mut given) = (ShapeField::nothing(), Vec::new());
    let mut known = vec!["id", "severity", "hint"];
    for kind in kinds(is_unchanged) {
        known.push(kind.name);
        if is_query(kind) {
            query = fields.may(kind.name);
            given.push((kind, query.mark()));
        } else {
            given.push((
                kind,
                fields.may_by(kind.name, |node, diagnostics| kind::read(kind, node, is_unchanged, diagnostics)),
            ));
        }
    }
    let expect = if is_unchanged { ShapeField::nothing() } else { fields.may("expect") };
    if !is_unchanged {
        known.push("expect");
    }
    fields.finish(&known, if is_unchanged { refused } else { |_| None });
    Some(AskedForm { at, id, severity, hint, kinds: given, query, expect })
}

/// What means nothing under `unchanged`.
fn refused(field: &str) -> Option<FieldRefusal> {
    let help = if field == "expect" {
        "Leave `expect` out: the answers before and after are compared with each other."
    } else if KINDS.iter().any(|kind| kind.name == field) {
        "Here only `sql` and `row_count` are asked; put this check under `before` or `after`."
    } else {
        return None;
    };
    let message = format!("`{field}` means nothing under `unchanged`");
    Some(FieldRefusal { code: "backstop::load::meaningless", message, help })
}

fn schema(about: &str, is_unchanged: bool, generator: &mut SchemaGenerator) -> MapSchema {
    let of_severity = match is_unchanged {
        true => "What a difference means: fail (default), warn, or info, which only records the answers.",
        false => "What a failure means: fail (default), warn, or info, which only records the answer.",
    };
    let of_hint = if is_unchanged { "What to do about a difference." } else { "What to do about a failure." };
    let mut map = MapSchema::new(&[about]);
    map.field::<Name>(generator, "id", "must", &["Unique among the checks."]);
    map.field::<Choice<Severity>>(generator, "severity", "may", &[of_severity]);
    map.field::<AnyWords>(generator, "hint", "may", &[of_hint]);
    for kind in kinds(is_unchanged) {
        let about = kind.answer.filter(|_| is_unchanged).unwrap_or(kind.about);
        if is_query(kind) {
            map.field::<NonBlankText>(generator, kind.name, "may", &[about]);
        } else {
            let of_kind = kind::schema(kind, is_unchanged, generator);
            map.add(kind.name, "may", &[about], of_kind);
        }
    }
    if !is_unchanged {
        map.field::<ExpectForm>(generator, "expect", "may", &["What the answer of `sql` must be."]);
    }
    map
}

/// What must be said of the answer where a failure leads to anything.
fn expectations() -> Vec<Value> {
    let mut rules = Vec::new();
    for kind in KINDS {
        for field in kind.fields {
            if matches!(field.form, FieldForm::Bounds) {
                rules.push(json!({"properties": {(kind.name): any_of(&BOUNDS)}}));
            } else if matches!(field.form, FieldForm::Expect) {
                rules.push(json!({"if": {"required": [kind.name]}, "then": {"required": [field.name]}}));
            }
        }
    }
    let is_heard = json!({"not": {"required": ["severity"], "properties": {"severity": {"const": "info"}}}});
    vec![
        json!({"if": {"required": ["expect"]}, "then": {"required": ["sql"]}}),
        json!({"if": is_heard, "then": {"allOf": rules}}),
    ]
}

impl FromNode for CheckForm {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        read(node, false, diagnostics).map(CheckForm)
    }
}

impl FromNode for InvariantForm {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        read(node, true, diagnostics).map(InvariantForm)
    }
}

impl JsonSchema for CheckForm {
    fn schema_name() -> Title {
        "CheckForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = kinds(false).map(|kind| kind.name).collect();
        let rules = [vec![exactly_one(&names)], expectations()].concat();
        schema("A check: an id and exactly one kind.", false, generator).finish(Value::Array(rules))
    }
}

impl JsonSchema for InvariantForm {
    fn schema_name() -> Title {
        "InvariantForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = kinds(true).map(|kind| kind.name).collect();
        let about = "What must be equal before and after: an id, and a query or a number of rows.";
        schema(about, true, generator).finish(json!([exactly_one(&names)]))
    }
}
