//! Whether sequences that tables own are logged, where that is not as their tables are.

use super::composer::Composer;
use crate::catalog::{
    kind::ObjectKey,
    object::{Definition, Object, Table},
    snapshot::Snapshot,
    statement,
};

/// From this version on sequences can be unlogged, and those that a table owns follow it.
const UNLOGGED_SEQUENCES: u32 = 150_000;

impl Composer<'_, '_> {
    /// The sequence of an identity column is made as its table is, and what a table owns changes with it.
    pub(super) fn persistence(&mut self) {
        let route = self.route;
        if route.now.server_version < UNLOGGED_SEQUENCES {
            return;
        }
        for (key, object) in &route.then.objects {
            let Definition::Sequence(sequence) = &object.definition else { continue };
            let owner = sequence.owned_by.as_ref().map(|(owner, _)| owner);
            let Some((owner, then)) = owner.and_then(|owner| Some((owner, table(route.then, owner)?))) else { continue };
            let is_made = sequence.identity && route.create.contains(key);
            let changes = || table(route.now, owner).is_some_and(|now| now.unlogged != then.unlogged);
            let follows = is_made || route.alter.contains(owner) && !route.create.contains(key) && changes();
            if follows && sequence.unlogged != then.unlogged {
                let word = if sequence.unlogged { "UNLOGGED" } else { "LOGGED" };
                let name = statement::title(key, &object.definition);
                self.run(key, [format!("ALTER SEQUENCE {name} SET {word}")]);
            }
        }
    }
}

fn table<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a Table> {
    match snapshot.objects.get(key) {
        Some(Object { definition: Definition::Table(table), .. }) => Some(table),
        Some(_) | None => None,
    }
}
