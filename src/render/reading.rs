//! The values of variables, in the two readings that secrets make necessary.

use std::collections::BTreeMap;

use minijinja::Value;

use crate::plan::{self, VarName};

/// Every variable that has a value, as the template engine takes them.
pub(super) struct TemplateVariables {
    values: BTreeMap<String, Value>,
}

impl TemplateVariables {
    /// The reading in which each secret is its name between stars.
    pub(super) fn shown(values: &BTreeMap<VarName, plan::Value>) -> Self {
        let shown = |name: &VarName| format!("***{name}***");
        TemplateVariables {
            values: values.iter().map(|(name, value)| (name.to_string(), of(value, &shown(name)))).collect(),
        }
    }

    /// The reading with the secrets in clear; none where there are no secrets. This is the only way of a secret into a text, and from
    /// here on it is known to every border of the program.
    pub(super) fn sent(values: &BTreeMap<VarName, plan::Value>, secrets: &BTreeMap<VarName, String>) -> Option<Self> {
        let is_secret = |value: &plan::Value| matches!(value, plan::Value::Secret(_));
        if !values.values().any(is_secret) {
            return None;
        }
        secrets.values().for_each(|secret| crate::secrets::keep(secret));
        let secret = |name: &VarName| secrets.get(name).map_or("", String::as_str);
        Some(TemplateVariables {
            values: values.iter().map(|(name, value)| (name.to_string(), of(value, secret(name)))).collect(),
        })
    }

    pub(super) fn context(&self) -> Value {
        Value::from_pairs(self.values.iter().map(|(name, value)| (name.clone(), value.clone())))
    }

    /// The same with one more name, which stands before a variable of that name.
    pub(super) fn context_with(&self, name: &str, value: Value) -> Value {
        let others = self.values.iter().filter(|(other, _)| *other != name);
        let others = others.map(|(name, value)| (name.clone(), value.clone()));
        Value::from_pairs(others.chain([(name.to_owned(), value)]).collect::<Vec<_>>())
    }
}

fn of(value: &plan::Value, secret: &str) -> Value {
    match value {
        plan::Value::String(text) => Value::from(text.as_str()),
        plan::Value::Integer(number) => Value::from(*number),
        plan::Value::Number(number) => Value::from(*number),
        plan::Value::Boolean(yes) => Value::from(*yes),
        plan::Value::List(items) => Value::from(items.iter().map(|item| of(item, secret)).collect::<Vec<_>>()),
        plan::Value::Secret(_) => Value::from(secret),
    }
}
