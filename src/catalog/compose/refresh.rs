//! Filling materialized views, when everything stands and everyone has his privileges: it is their owners who read.

use std::collections::BTreeSet;

use super::{
    composer::{Composer, ScriptSteps, add},
    step::ScriptStep,
};
use crate::catalog::{
    kind::{ObjectKey, ObjectKind},
    kinds::{Definition, MaterializedView},
    snapshot::Snapshot,
};

impl Composer<'_, '_> {
    /// Fills the materialized views that were made anew, or hold other rows, and empties those that had none. One that reads
    /// from an empty one needs that one filled for a moment.
    pub(super) fn refresh(&self, steps: &mut ScriptSteps) {
        let then = self.reconciliation.then;
        let mut filled: BTreeSet<ObjectKey> = then.objects.keys().filter(|key| self.is_filled(key)).cloned().collect();
        let mut next: Vec<ObjectKey> = filled.iter().cloned().collect();
        while let Some(key) = next.pop() {
            let emptied = read_by(then, &key).into_iter().filter(|key| view(then, key).is_some_and(|view| !view.populated));
            next.extend(emptied.filter(|key| filled.insert(key.clone())));
        }
        for key in &filled {
            add(steps, ScriptStep::Refresh(key.clone()), read_by(then, key).into_iter().map(ScriptStep::Refresh));
        }
        for key in then.objects.keys().filter(|key| filled.contains(*key) || self.reconciliation.alter.contains(*key)) {
            let now = view(self.reconciliation.now, key).is_some_and(|view| view.populated);
            if view(then, key).is_some_and(|view| !view.populated) && (filled.contains(key) || now) {
                let readers =
                    filled.iter().filter(|reader| read_by(then, reader).contains(key)).cloned().map(ScriptStep::Refresh);
                add(steps, ScriptStep::Unfill(key.clone()), readers.chain([ScriptStep::Refresh(key.clone())]));
            }
        }
    }

    /// Row security hides from an owner what it hid when he filled it.
    pub(super) fn write_refresh(&mut self, key: &ObjectKey) {
        self.set_row_security(key, true);
        if let Some(view) = view(self.reconciliation.then, key) {
            self.run(key, [view.refresh(key)]);
        }
    }

    pub(super) fn write_unfill(&mut self, key: &ObjectKey) {
        if let Some(view) = view(self.reconciliation.then, key) {
            self.run(key, [view.unfill(key)]);
        }
    }

    /// Lets row security hold from here on, or not.
    pub(super) fn set_row_security(&mut self, key: &ObjectKey, on: bool) {
        if self.row_security != on {
            self.row_security = on;
            self.run(key, [format!("SET LOCAL row_security = {}", if on { "on" } else { "off" })]);
        }
    }

    /// Whether it had rows, and has none now or others.
    fn is_filled(&self, key: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let Some(MaterializedView { populated: true, .. }) = view(reconciliation.then, key) else { return false };
        let stays_empty =
            || reconciliation.alter.contains(key) && view(reconciliation.now, key).is_some_and(|view| !view.populated);
        reconciliation.create.contains(key) || reconciliation.refresh.contains(key) || stays_empty()
    }
}

fn view<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a MaterializedView> {
    if let Definition::MaterializedView(view) = &snapshot.objects.get(key)?.definition { Some(view) } else { None }
}

/// The materialized views that one reads from, by way of views and functions, too.
fn read_by(snapshot: &Snapshot, key: &ObjectKey) -> BTreeSet<ObjectKey> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([key]);
    let mut next = vec![key];
    while let Some(key) = next.pop() {
        for need in snapshot.objects.get(key).into_iter().flat_map(|object| &object.depends_on) {
            if seen.insert(need) {
                next.push(need);
                if need.kind == ObjectKind::MaterializedView {
                    found.insert(need.clone());
                }
            }
        }
    }
    found
}
