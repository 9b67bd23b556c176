//! Security labels.

use crate::{
    catalog::{
        kind::ObjectKey,
        kinds::{Definition, system_columns},
        label::SecurityLabel,
        object::Object,
    },
    sql::quote::{ident, literal, qualified},
};

/// The statements that give an object which has the labels `now` its recorded ones.
pub(crate) fn labels(key: &ObjectKey, then: &Object, now: &[SecurityLabel]) -> Vec<String> {
    let definition = &then.definition;
    let is_kept = |label: &SecurityLabel| {
        then.labels.iter().any(|other| other.provider == label.provider && other.column == label.column)
    };
    let gone = now.iter().filter(|label| !is_kept(label)).filter(|label| has(definition, label.column.as_deref()));
    let mut statements: Vec<String> = gone.map(|label| set(key, definition, label, "NULL")).collect();
    let wanted = then.labels.iter().filter(|label| !now.contains(label));
    statements.extend(wanted.map(|label| set(key, definition, label, &literal(&label.label))));
    statements
}

fn set(key: &ObjectKey, definition: &Definition, label: &SecurityLabel, value: &str) -> String {
    let target = match &label.column {
        Some(name) => format!("COLUMN {}.{}", qualified(&key.schema, &key.name), ident(name)),
        None => format!("{} {}", definition.noun(key), definition.title(key)),
    };
    format!("SECURITY LABEL FOR {} ON {target} IS {value}", ident(&label.provider))
}

/// Whether what the label is on will be there: a column that the run added goes with its labels.
fn has(definition: &Definition, name: Option<&str>) -> bool {
    let Some(name) = name else { return true };
    system_columns().any(|column| column == name) || definition.has_column(name)
}
