//! Declared variables. What their values lead to stands where it is rendered.

use std::collections::BTreeMap;

use super::{
    change::{ChangeSubject, TextForm},
    describe::name,
    findings::ReviewFindings,
    weakening::Weakening,
};
use crate::plan::{SecretSource, Value, VarName, VarType, Variable};

type Variables = BTreeMap<VarName, Variable>;

pub(super) fn compare(findings: &mut ReviewFindings, then: &Variables, now: &Variables) {
    for (var, variable) in now {
        let subject = ChangeSubject::Variable(var.to_string());
        match then.get(var) {
            None => findings.change(&subject, None, TextForm::Words, (None, Some(words(variable)))),
            Some(before) => pair(findings, &subject, before, variable),
        }
    }
    for (var, variable) in then.iter().filter(|(var, _)| !now.contains_key(*var)) {
        findings.change(&ChangeSubject::Variable(var.to_string()), None, TextForm::Words, (Some(words(variable)), None));
    }
}

fn pair(findings: &mut ReviewFindings, subject: &ChangeSubject, then: &Variable, now: &Variable) {
    let Variable { kind, default, required, description: _, at: _ } = then;
    findings.words(subject, "type", *kind, now.kind);
    if *kind == VarType::Secret && now.kind != VarType::Secret {
        findings.weaker(Weakening::SecretExposed, subject, &name(kind), &name(&now.kind));
    }
    findings.field(subject, "default", &default.as_ref().map(value), &now.default.as_ref().map(value));
    findings.field(subject, "required", required, &now.required);
}

fn words(variable: &Variable) -> String {
    let Variable { kind, default, required, description: _, at: _ } = variable;
    let required = if *required { ", required" } else { "" };
    let default = default.as_ref().map(|default| format!(", default {}", value(default))).unwrap_or_default();
    format!("{}{required}{default}", name(kind))
}

/// A value as a plan writes it; of a secret the place where it is.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Secret(SecretSource::Env(variable)) => format!("env:{variable}"),
        Value::Secret(SecretSource::File(file)) => format!("file:{file}"),
    }
}
