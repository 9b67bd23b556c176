//! Security labels.

use super::name::{column, noun, title};
use crate::{
    catalog::{
        kind::ObjectKey,
        label::SecurityLabel,
        object::{Definition, Object},
        table::system_columns,
    },
    sql::quote::{ident, literal},
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
        Some(name) => format!("COLUMN {}", column(key, name)),
        None => format!("{} {}", noun(key, definition), title(key, definition)),
    };
    format!("SECURITY LABEL FOR {} ON {target} IS {value}", ident(&label.provider))
}

/// Whether what the label is on will be there: a column that the run added goes with its labels.
fn has(definition: &Definition, name: Option<&str>) -> bool {
    let Some(name) = name else { return true };
    if system_columns().any(|column| column == name) {
        return true;
    }
    match definition {
        Definition::Table(table) => table.columns.iter().any(|column| column.name == name),
        Definition::MaterializedView(view) => view.columns.iter().any(|column| column.name == name),
        Definition::View { columns, .. } => columns.iter().any(|column| column == name),
        Definition::Composite { attributes } => attributes.iter().any(|attribute| attribute.name == name),
        _ => false,
    }
}
