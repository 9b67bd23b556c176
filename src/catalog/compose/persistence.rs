//! Whether sequences that tables own are logged, where that is not as their tables are.

use super::{
    composer::{Composer, ScriptSteps, add},
    step::ScriptStep,
};
use crate::catalog::{
    kind::ObjectKey,
    kinds::{Definition, Table},
    object::Object,
    snapshot::Snapshot,
};

/// From this version on sequences can be unlogged, and those that a table owns follow it.
const UNLOGGED_SEQUENCES: u32 = 150_000;

impl Composer<'_, '_> {
    /// The sequence of an identity column is made as its table is, and what a table owns changes with it.
    pub(super) fn persist(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        if reconciliation.now.server_version < UNLOGGED_SEQUENCES {
            return;
        }
        for (key, object) in &reconciliation.then.objects {
            let Definition::Sequence(sequence) = &object.definition else { continue };
            let owner = sequence.owned_by.as_ref().map(|(owner, _)| owner);
            let Some((owner, then)) = owner.and_then(|owner| Some((owner, table(reconciliation.then, owner)?))) else {
                continue;
            };
            let is_made = sequence.identity && reconciliation.create.contains(key);
            let changes = || table(reconciliation.now, owner).is_some_and(|now| now.unlogged != then.unlogged);
            let follows =
                is_made || reconciliation.alter.contains(owner) && !reconciliation.create.contains(key) && changes();
            if follows && sequence.unlogged != then.unlogged {
                let of_table =
                    [ScriptStep::Make(owner.clone()), ScriptStep::Shape(owner.clone()), ScriptStep::Alter(owner.clone())];
                add(steps, ScriptStep::Persist(key.clone()), of_table.into_iter().chain([ScriptStep::Alter(key.clone())]));
            }
        }
    }

    pub(super) fn write_persistence(&mut self, key: &ObjectKey) {
        let Some(object) = self.reconciliation.then.objects.get(key) else { return };
        let Definition::Sequence(sequence) = &object.definition else { return };
        let word = if sequence.unlogged { "UNLOGGED" } else { "LOGGED" };
        self.run(key, [format!("ALTER SEQUENCE {} SET {word}", object.definition.title(key))]);
    }
}

fn table<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a Table> {
    match snapshot.objects.get(key) {
        Some(Object { definition: Definition::Table(table), .. }) => Some(table),
        Some(_) | None => None,
    }
}
