//! Which differences a restore answers for.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    change::{Change, ChangeKind},
    kind::{ObjectKey, ObjectKind},
    kinds::Definition,
    object::Object,
    script::Scope,
    snapshot::Snapshot,
};

/// The table or view that an object is a part of: that of constraints, indexes, triggers, rules, policies, statistics and
/// memberships in publications, and of the sequences that its columns own.
pub(super) fn holder(key: &ObjectKey, object: &Object, snapshot: &Snapshot) -> Option<ObjectKey> {
    if let Definition::Statistics(statistics) = &object.definition {
        return Some(statistics.on.clone()).filter(|on| snapshot.objects.contains_key(on));
    }
    if let Some((table, _)) = object.definition.owner_column() {
        return Some(table.clone());
    }
    let name = object.definition.table_name(key)?;
    [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView]
        .into_iter()
        .map(|kind| ObjectKey::new(kind, &key.schema, name))
        .find(|holder| snapshot.objects.contains_key(holder))
}

/// The parts of every table and view.
pub(super) fn parts(snapshot: &Snapshot) -> BTreeMap<ObjectKey, BTreeSet<ObjectKey>> {
    let mut parts: BTreeMap<ObjectKey, BTreeSet<ObjectKey>> = BTreeMap::new();
    for (key, object) in &snapshot.objects {
        if let Some(holder) = holder(key, object, snapshot) {
            parts.entry(holder).or_default().insert(key.clone());
        }
    }
    parts
}

/// What needs an object: the other direction of `depends_on`, column defaults left out.
pub(super) fn dependents(snapshot: &Snapshot) -> BTreeMap<ObjectKey, BTreeSet<ObjectKey>> {
    let mut dependents: BTreeMap<ObjectKey, BTreeSet<ObjectKey>> = BTreeMap::new();
    for (key, object) in &snapshot.objects {
        for needed in &object.depends_on {
            dependents.entry(needed.clone()).or_default().insert(key.clone());
        }
    }
    dependents
}

/// The materialized views that read from any of the tables, by way of other views and of functions, too.
pub fn materialized_over(snapshot: &Snapshot, tables: &BTreeSet<ObjectKey>) -> BTreeSet<ObjectKey> {
    let dependents = dependents(snapshot);
    let mut next: Vec<&ObjectKey> = tables.iter().collect();
    let mut found: BTreeSet<&ObjectKey> = BTreeSet::new();
    while let Some(key) = next.pop() {
        // What merely depends on a table reads nothing from it.
        let readers = dependents.get(key).into_iter().flatten().filter(|key| key.kind != ObjectKind::Table);
        next.extend(readers.filter(|key| found.insert(*key)));
    }
    found.into_iter().filter(|key| key.kind == ObjectKind::MaterializedView).cloned().collect()
}

/// The objects that a restore answers for: what the run changed, the covered tables, and everything that depends on those or
/// is a part of them, in either snapshot. A schema that merely changed carries nothing along: its objects stand as they are.
pub(super) fn in_scope(then: &Snapshot, now: &Snapshot, changes: &[Change], scope: &Scope) -> BTreeSet<ObjectKey> {
    let still_there = |key: &ObjectKey| {
        key.kind == ObjectKind::Schema
            && changes.iter().all(|change| change.object != *key || change.how == ChangeKind::Changed)
    };
    let mut found: BTreeSet<ObjectKey> = BTreeSet::new();
    let mut next: Vec<ObjectKey> = scope.covered.iter().chain(&scope.changed).chain(&scope.reload).cloned().collect();
    let maps = [parts(then), parts(now), dependents(then), dependents(now)];
    while let Some(key) = next.pop() {
        if !still_there(&key) {
            next.extend(maps.iter().filter_map(|map| map.get(&key)).flatten().filter(|key| !found.contains(key)).cloned());
        }
        found.insert(key);
    }
    found
}
