//! How what is there now differs from what was saved: every difference a fragment of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    document::{AppliedPlan, DatabaseIdentity, NothingPending, PlannedPlan, SavedPlanContent, SourceDigest, ValueDigest},
    structure::Changes,
    text::{sha256, sha256_of},
};
use crate::{
    catalog::{Change, ChangeKind, Snapshot},
    plan::{SecretSource, Value, VarName},
    render::ResolvedPlan,
};

/// A plan's sources as they are here and now.
#[derive(Debug)]
pub struct CurrentSources<'a> {
    /// The plan's file as it is named.
    pub path: &'a str,
    /// The texts of the plan's file and of those that it names, by path.
    pub files: &'a BTreeMap<String, String>,
    /// The values of its variables.
    pub values: &'a BTreeMap<VarName, Value>,
    /// The files with values that were given.
    pub values_files: &'a [String],
    /// The plan as it would run.
    pub resolved: &'a ResolvedPlan,
}

impl CurrentSources<'_> {
    /// The plan as a saved plan keeps it.
    pub fn planned(&self, targets: Vec<String>) -> PlannedPlan {
        PlannedPlan {
            name: self.resolved.plan().name.to_string(),
            path: self.path.to_owned(),
            fingerprint: self.resolved.fingerprint().to_owned(),
            targets,
            sources: self.sources(),
            values: self.values.iter().map(|(name, value)| value_digest(name, value)).collect(),
            values_files: self.values_files.to_vec(),
            rendered: self.resolved.shown().to_owned(),
        }
    }

    fn sources(&self) -> Vec<SourceDigest> {
        let digest = |(path, text): (&String, &String)| SourceDigest { path: path.clone(), sha256: sha256(text.as_bytes()) };
        self.files.iter().map(digest).collect()
    }
}

/// What of a plan's sources is not as it was saved.
pub fn of_sources(saved: &PlannedPlan, here: &CurrentSources<'_>) -> Vec<String> {
    let now = here.planned(Vec::new());
    let mut found = Vec::new();
    if now.name != saved.name {
        found.push(format!("{}: the plan was called {} and is called {}", saved.path, saved.name, now.name));
    }
    let files = |sources: &[SourceDigest]| -> BTreeMap<String, String> {
        sources.iter().map(|source| (source.path.clone(), source.sha256.clone())).collect()
    };
    found.extend(pairs(&files(&saved.sources), &files(&now.sources), "file"));
    let values = |values: &[ValueDigest]| -> BTreeMap<String, String> {
        values.iter().map(|value| (value.name().to_owned(), format!("{value:?}"))).collect()
    };
    found.extend(pairs(&values(&saved.values), &values(&now.values), "the value of variable"));
    if now.fingerprint != saved.fingerprint && found.is_empty() {
        found.push("the plan renders to something else, as another version of the program does it".to_owned());
    }
    found.into_iter().map(|difference| format!("plan {}: {difference}", saved.name)).collect()
}

/// What of the plans is not as it was when nothing was pending.
pub fn of_nothing_pending(saved: &NothingPending, here: &[AppliedPlan]) -> Vec<String> {
    let named = |plans: &[AppliedPlan]| -> BTreeMap<String, String> {
        plans.iter().map(|plan| (format!("{} ({})", plan.name, plan.path), plan.fingerprint.clone())).collect()
    };
    pairs(&named(&saved.plans), &named(here), "plan")
}

/// What of the database is not as it was when the plan was saved.
pub fn of_database(saved: &SavedPlanContent, identity: &DatabaseIdentity, now: &Snapshot) -> Vec<String> {
    if !saved.database.may_be(identity) {
        // The structure of another database says nothing.
        return vec![format!("it was saved for {}, and this is {identity}", saved.database)];
    }
    match saved.structure.changes(now) {
        Changes::None => Vec::new(),
        Changes::Untold => vec!["the structure of what the plans name is not as it was".to_owned()],
        Changes::Told(changes) => changes.iter().flat_map(told).collect(),
    }
}

fn told(change: &Change) -> Vec<String> {
    let object = &change.object;
    match change.how {
        ChangeKind::Added => vec![format!("{object} was added")],
        ChangeKind::Removed => vec![format!("{object} was removed")],
        ChangeKind::Changed if change.what.is_empty() => vec![format!("{object} was changed")],
        ChangeKind::Changed => change.what.iter().map(|what| format!("{object}: {what}")).collect(),
    }
}

/// What is in only one of both, or not the same in both.
fn pairs(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>, what: &str) -> Vec<String> {
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let one = |name: &String| match (then.get(name), now.get(name)) {
        (Some(then), Some(now)) if then == now => None,
        (Some(_), Some(_)) => Some(format!("{what} {name} was changed")),
        (Some(_), None) => Some(format!("{what} {name} is gone")),
        (None, _) => Some(format!("{what} {name} is new")),
    };
    names.into_iter().filter_map(one).collect()
}

fn value_digest(name: &VarName, value: &Value) -> ValueDigest {
    let name = name.as_str().to_owned();
    match value {
        Value::Secret(SecretSource::Env(variable)) => ValueDigest::Secret { name, reference: format!("env:{variable}") },
        Value::Secret(SecretSource::File(file)) => ValueDigest::Secret { name, reference: format!("file:{file}") },
        value => ValueDigest::Value { name, sha256: sha256_of(&json(value)) },
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(boolean) => (*boolean).into(),
        Value::List(items) => items.iter().map(json).collect(),
        // Lists hold no secrets; were there one, its reference would count.
        Value::Secret(source) => serde_json::json!(source),
    }
}
