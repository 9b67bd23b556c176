//! Environments.

use std::collections::BTreeMap;

use super::{connection::ConnectionForm, form::EnvironmentForm};
use crate::{
    load::{
        assemble::{undeclared, variable_name},
        diagnostics::Diagnostics,
        scalar::{Anything, Keyed, Listing, NamedShapes},
    },
    plan::{EnvironmentName, EnvironmentSettings, Place, Value, VarName},
};

/// The environments by name; bad ones are left out.
pub(super) fn environments(
    forms: Option<Keyed<EnvironmentForm>>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<EnvironmentName, EnvironmentSettings> {
    let mut environments = BTreeMap::new();
    for (name, at, form) in forms.map(|Keyed(forms)| forms).unwrap_or_default() {
        let settings = form.map(|form| environment(form, at, diagnostics));
        // A name that is none was reported where the names were read.
        if let (Ok(name), Some(settings)) = (EnvironmentName::parse(&name), settings) {
            environments.insert(name, settings);
        }
    }
    environments
}

fn environment(form: EnvironmentForm, at: Place, diagnostics: &mut Diagnostics) -> EnvironmentSettings {
    let values = form.values.value.map(Listing::into_items).unwrap_or_default();
    EnvironmentSettings {
        connection: form.database_url.value.map(|ConnectionForm(source)| source),
        values: values.into_iter().map(|path| path.source).collect(),
        vars: form.vars.value.map(|vars| self::values(vars, diagnostics)).unwrap_or_default(),
        at,
    }
}

fn values(NamedShapes(vars): NamedShapes<Anything>, diagnostics: &mut Diagnostics) -> BTreeMap<VarName, Value> {
    let mut values = BTreeMap::new();
    for (name, at, value) in vars {
        let name = variable_name(&name, at, diagnostics);
        let value = value.and_then(|Anything(node)| undeclared(&node, diagnostics));
        if let (Some(name), Some(value)) = (name, value) {
            values.insert(name, value);
        }
    }
    values
}
