//! What is computed while a table is filled, indexed or checked: functions that name others in their bodies, which the server
//! keeps no record of.

use std::collections::BTreeSet;

use super::{
    composer::{Composer, ScriptSteps},
    step::ScriptStep,
};
use crate::catalog::kind::{ObjectKey, ObjectKind};

impl Composer<'_, '_> {
    /// Lets what computes something come after all that its functions name in their bodies: that may be read by then. A name in
    /// a body may mean something else, so that this gives way to what is known.
    pub(super) fn wish(&self, steps: &mut ScriptSteps) {
        let mut wishes: Vec<(ScriptStep, BTreeSet<ScriptStep>)> = Vec::new();
        for step in steps.keys().filter(|step| computes(step)) {
            let wanted: BTreeSet<ScriptStep> = self
                .computed_from(step.object())
                .into_iter()
                .filter(|key| key != step.object())
                .flat_map(|key| [ScriptStep::Make(key.clone()), ScriptStep::Load(key.clone()), ScriptStep::Refresh(key)])
                .filter(|wish| steps.contains_key(wish))
                .collect();
            if !wanted.is_empty() {
                wishes.push((step.clone(), wanted));
            }
        }
        for (step, wanted) in wishes {
            if let Some(place) = steps.get_mut(&step) {
                place.wishes.extend(wanted);
            }
        }
    }

    /// What functions that are called for an object name, and what these need and name in turn.
    fn computed_from(&self, key: &ObjectKey) -> BTreeSet<ObjectKey> {
        let then = self.reconciliation.then;
        let mut called: BTreeSet<&ObjectKey> = BTreeSet::new();
        let needs = |key: &ObjectKey| then.objects.get(key).into_iter().flat_map(|object| &object.depends_on);
        let is_called = |key: &&ObjectKey| {
            matches!(key.kind, ObjectKind::Function | ObjectKind::Aggregate | ObjectKind::Type | ObjectKind::Other)
        };
        let mut next: Vec<&ObjectKey> = needs(key).filter(is_called).collect();
        while let Some(key) = next.pop() {
            if called.insert(key) {
                next.extend(needs(key).filter(is_called));
            }
        }
        let mut found: BTreeSet<&ObjectKey> = BTreeSet::new();
        let mut next: Vec<&ObjectKey> = called.into_iter().flat_map(|key| self.named.by(key)).collect();
        while let Some(key) = next.pop() {
            if found.insert(key) {
                next.extend(needs(key).chain(self.named.by(key)));
            }
        }
        found.into_iter().cloned().collect()
    }
}

/// Whether the step may call functions.
fn computes(step: &ScriptStep) -> bool {
    if let ScriptStep::Make(key) = step {
        return matches!(key.kind, ObjectKind::Constraint | ObjectKind::Index | ObjectKind::MaterializedView);
    }
    matches!(step, ScriptStep::Load(_) | ScriptStep::Attach(_) | ScriptStep::Refresh(_))
}
