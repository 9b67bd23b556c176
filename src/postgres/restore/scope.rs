//! What a restore has to do with.

use std::collections::BTreeSet;

use crate::catalog::{Definition, ObjectKey, Snapshot};

/// Everything that the tables and their parts needed: types, functions, sequences, schemas, and what those needed in turn.
pub fn beneath(then: &Snapshot, tables: &BTreeSet<ObjectKey>) -> BTreeSet<ObjectKey> {
    let is_part = |key: &ObjectKey| key.of.as_ref().is_some_and(|of| tables.contains(&ObjectKey::table(&key.schema, of)));
    let mut next: Vec<&ObjectKey> = then.objects.keys().filter(|key| tables.contains(*key) || is_part(key)).collect();
    let mut found = BTreeSet::new();
    while let Some(key) = next.pop() {
        let Some(object) = then.objects.get(key) else { continue };
        let defaults = match &object.definition {
            Definition::Table(table) => table.columns.as_slice(),
            _ => &[],
        };
        let needs = object.depends_on.iter().chain(defaults.iter().flat_map(|column| &column.default_needs));
        for need in needs {
            if found.insert(need.clone()) {
                next.push(need);
            }
        }
    }
    found
}
