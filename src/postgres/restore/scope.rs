//! What a restore has to do with.

use std::collections::BTreeSet;

use super::request::{RestoreRequest, RestoreScope};
use crate::catalog::{Definition, ObjectKey, Scope, Snapshot, diff};

/// What may be touched where the rows of these must be brought back.
pub(super) fn scope(request: &RestoreRequest<'_>, now: &Snapshot, reload: BTreeSet<ObjectKey>) -> Scope {
    let then = &request.manifest.snapshot;
    let covered: BTreeSet<ObjectKey> = request.manifest.tables.iter().map(|table| table.key()).collect();
    let changed = match request.changed {
        RestoreScope::ByRun(changed) => changed.clone(),
        RestoreScope::Beneath => {
            let needed = beneath(then, &covered);
            let changes = diff(then, now).into_iter().map(|change| change.object);
            changes.filter(|key| needed.contains(key)).collect()
        }
    };
    Scope { covered, changed, reload }
}

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
