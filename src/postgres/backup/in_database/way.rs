//! The way back as a list of statements, for those who have nothing but psql.

use std::collections::BTreeSet;

use crate::catalog::{Action, Definition, Fingerprinted, Object, ObjectKey, Scope, Snapshot, script};

/// How often the list is tried without the objects that stand in its way.
const ATTEMPTS_MAX: usize = 8;

/// What makes every object of the snapshot again, in order, each action with the object that it is for: whoever runs it picks
/// those whose object is missing. Tables that no backup covers are left out, and what those need; so is what can't be made
/// from what is recorded of it.
pub fn way(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> Vec<Action> {
    let is_beyond_us = |(_, object): &(&ObjectKey, &Object)| match &object.definition {
        Definition::Other(Fingerprinted { statements, .. }) => statements.is_empty(),
        definition => matches!(definition, Definition::Database(_)),
    };
    let mut standing = needed_by_uncovered(then, covered);
    standing.extend(then.objects.iter().filter(is_beyond_us).map(|(key, _)| key.clone()));
    for _ in 0..ATTEMPTS_MAX {
        let mut now = then.clone();
        now.objects.retain(|key, _| standing.contains(key));
        let changed = then.objects.keys().filter(|key| !standing.contains(*key)).cloned().collect();
        let scope = Scope { covered: covered.clone(), changed, ..Scope::default() };
        match script(then, &now, &scope) {
            Ok(script) => return script.actions,
            Err(problems) => {
                let blocked: BTreeSet<ObjectKey> = problems.into_iter().map(|problem| problem.object).collect();
                // What only needs something else that can't be made may be makeable beside it.
                let roots: Vec<ObjectKey> = blocked
                    .iter()
                    .filter(|key| needs(then, key).all(|need| need == *key || !blocked.contains(need)))
                    .cloned()
                    .collect();
                let before = standing.len();
                standing.extend(if roots.is_empty() { blocked.into_iter().collect() } else { roots });
                if standing.len() == before {
                    break;
                }
            }
        }
    }
    Vec::new()
}

/// What an object needs, column defaults included.
fn needs<'s>(then: &'s Snapshot, key: &ObjectKey) -> impl Iterator<Item = &'s ObjectKey> {
    let object = then.objects.get(key);
    let columns = match object.map(|object| &object.definition) {
        Some(Definition::Table(table)) => table.columns.as_slice(),
        _ => &[],
    };
    let defaults = columns.iter().flat_map(|column| &column.default_needs);
    object.into_iter().flat_map(|object| &object.depends_on).chain(defaults)
}

/// The tables without a copy and everything that they need; never a table with a copy.
fn needed_by_uncovered(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> BTreeSet<ObjectKey> {
    let is_table = |key: &&ObjectKey| matches!(then.objects.get(*key).map(|o| &o.definition), Some(Definition::Table(_)));
    let mut next: Vec<&ObjectKey> = then.objects.keys().filter(is_table).collect();
    let mut found = BTreeSet::new();
    while let Some(key) = next.pop() {
        if !covered.contains(key) && found.insert(key.clone()) {
            next.extend(needs(then, key));
        }
    }
    found
}
