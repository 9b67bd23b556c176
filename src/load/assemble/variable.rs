//! Variables and their defaults.

use std::collections::BTreeMap;

use crate::{
    load::{
        diagnostics::Diagnostics,
        form::{SecretForm, VarForm},
        node::{Meaning, NodeKind, Scalar, ValueNode},
        scalar::{AnyWords, Anything, Choice, Flag, NamedShapes, NonBlankText, id},
        shape::{FromNode, ShapeField, wrong_type},
    },
    plan::{Place, SecretSource, Template, Value, VarName, VarType, Variable},
};

/// The variables by name; bad ones are left out.
pub(super) fn variables(
    field: ShapeField<NamedShapes<VarForm>>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<VarName, Variable> {
    let mut variables = BTreeMap::new();
    for (name, at, form) in field.value.map(|NamedShapes(vars)| vars).unwrap_or_default() {
        let name = variable_name(&name, at, diagnostics);
        let variable = form.and_then(|form| variable(form, at, diagnostics));
        if let (Some(name), Some(variable)) = (name, variable) {
            variables.insert(name, variable);
        }
    }
    variables
}

/// The name of a variable; what can't be one is reported.
pub(in crate::load) fn variable_name(name: &str, at: Place, diagnostics: &mut Diagnostics) -> Option<VarName> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("the variable `{}` begins with a digit", crate::load::node::shortened(name));
        diagnostics.report(
            "backstop::load::bad_id",
            at,
            message,
            "Begin its name with a letter: templates read digits as a number.",
        );
        return None;
    }
    id(&Template { source: name.to_owned(), at }, VarName::parse, " and `_`", diagnostics).map(|(name, _)| name)
}

fn variable(form: VarForm, at: Place, diagnostics: &mut Diagnostics) -> Option<Variable> {
    let required = form.required.value.is_some_and(|Flag(flag)| flag);
    if let (true, Some(key)) = (required, form.default.key) {
        let message = "a variable that is required has no use for a default";
        diagnostics.report("backstop::load::conflict", key, message, "Leave out `default` or `required`.");
    }
    let Choice(kind) = form.r#type.value?;
    let default = form.default.map(|Anything(node)| value(kind, &node, diagnostics)).value;
    let description = form.description.value.map(|AnyWords(text)| text.source);
    Some(Variable { kind, default, required, description, at })
}

fn value(kind: VarType, node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Value> {
    match (kind, &node.kind) {
        (VarType::Secret, NodeKind::Map(_)) => secret(node, diagnostics),
        (VarType::Secret, _) => {
            let help = "Write `{env: NAME}` or `{file: PATH}`: a plan never holds a secret itself.";
            diagnostics.report("backstop::load::secret", node.at, "a secret can't stand in a plan", help);
            None
        }
        (VarType::List, NodeKind::List(items)) => {
            let values: Vec<Value> = items.iter().filter_map(|item| item_of_list(item, diagnostics)).collect();
            (values.len() == items.len()).then_some(Value::List(values))
        }
        (_, NodeKind::Scalar(scalar)) => scalar_of(kind, scalar).or_else(|| unfit(kind, node, diagnostics)),
        _ => unfit(kind, node, diagnostics),
    }
}

fn scalar_of(kind: VarType, scalar: &Scalar) -> Option<Value> {
    match (kind, scalar.meaning) {
        (VarType::String, _) => Some(Value::String(scalar.text.clone())),
        (VarType::Integer, Meaning::Integer(number)) => Some(Value::Integer(number)),
        (VarType::Number, Meaning::Integer(number)) => Some(Value::Number(number as f64)),
        (VarType::Number, Meaning::Number(number)) if number.is_finite() => Some(Value::Number(number)),
        (VarType::Boolean, Meaning::Flag(flag)) => Some(Value::Boolean(flag)),
        _ => None,
    }
}

/// A value whose type nothing declares here: what the notation says that it is.
pub(in crate::load) fn undeclared(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Value> {
    match &node.kind {
        NodeKind::List(items) => {
            let values: Vec<Value> = items.iter().filter_map(|item| item_of_list(item, diagnostics)).collect();
            (values.len() == items.len()).then_some(Value::List(values))
        }
        NodeKind::Map(_) => secret(node, diagnostics),
        NodeKind::Scalar(_) => item_of_list(node, diagnostics),
    }
}

fn item_of_list(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Value> {
    let value = match &node.kind {
        NodeKind::Scalar(scalar) => match scalar.meaning {
            Meaning::Null => None,
            Meaning::Flag(flag) => Some(Value::Boolean(flag)),
            Meaning::Integer(number) => Some(Value::Integer(number)),
            Meaning::Number(number) => number.is_finite().then_some(Value::Number(number)),
            Meaning::Date | Meaning::Text => Some(Value::String(scalar.text.clone())),
        },
        _ => None,
    };
    if value.is_none() {
        wrong_type(node, "a text, a number or a flag", diagnostics);
    }
    value
}

fn secret(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Value> {
    let form = SecretForm::read(node, diagnostics)?;
    match (form.env, form.file) {
        (ShapeField { key: Some(_), .. }, ShapeField { key: Some(key), .. }) => {
            diagnostics.report("backstop::load::conflict", key, "a secret is in one place", "Leave out `env` or `file`.");
            None
        }
        (ShapeField { key: None, .. }, ShapeField { key: None, .. }) => {
            diagnostics.report(
                "backstop::load::missing_field",
                form.at,
                "the secret's place is missing",
                "Add `env` or `file`.",
            );
            None
        }
        (ShapeField { value: Some(NonBlankText(env)), .. }, _) => Some(Value::Secret(SecretSource::Env(env.source))),
        (_, ShapeField { value: Some(NonBlankText(file)), .. }) => Some(Value::Secret(SecretSource::File(file.source))),
        _ => None,
    }
}

fn unfit(kind: VarType, node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Value> {
    let kind = match kind {
        VarType::String => "a text",
        VarType::Integer => "a whole number of 64 bits",
        VarType::Number => "a number",
        VarType::Boolean => "`true` or `false`",
        VarType::List => "a list",
        VarType::Secret => "where the secret is",
    };
    let message = format!("the default must be {kind}, found {}", node.describe());
    diagnostics.report("backstop::load::bad_default", node.at, message, "Change the default or the variable's `type`.");
    None
}
