//! Filling materialized views, when everything stands and everyone has his privileges: it is their owners who read.

use std::collections::BTreeSet;

use super::{composer::Composer, drops::in_a_circle};
use crate::catalog::{
    kind::{Kind, ObjectKey},
    materialized_view::MaterializedView,
    object::Definition,
    order,
    script::Unrestorable,
    snapshot::Snapshot,
    statement,
};

/// All are alike; what they read from decides.
const RANK: u8 = 0;

impl Composer<'_, '_> {
    /// Fills the materialized views that were made anew, or hold other rows, and empties those that had none. One that reads
    /// from an empty one needs that one filled for a moment.
    pub(super) fn refresh(&mut self) -> Result<(), Vec<Unrestorable>> {
        let then = self.route.then;
        let mut filled: BTreeSet<ObjectKey> = then.objects.keys().filter(|key| self.is_filled(key)).cloned().collect();
        let mut next: Vec<ObjectKey> = filled.iter().cloned().collect();
        while let Some(key) = next.pop() {
            let emptied = read_by(then, &key).into_iter().filter(|key| view(then, key).is_some_and(|view| !view.populated));
            next.extend(emptied.filter(|key| filled.insert(key.clone())));
        }
        let needs: order::Needs<ObjectKey> = filled.iter().map(|key| (key.clone(), (RANK, read_by(then, key)))).collect();
        let ordered = order::sort(&needs).map_err(|circle| in_a_circle(&circle))?;
        if let (Some(first), Some(last)) = (ordered.first(), ordered.last()) {
            // Row security hides from an owner what it hid when he filled it.
            self.run(first, ["SET LOCAL row_security = on".to_owned()]);
            for key in &ordered {
                self.run(key, [statement::refresh(&statement::title(key, &then.objects[key].definition))]);
            }
            self.run(last, ["SET LOCAL row_security = off".to_owned()]);
        }
        let emptied: Vec<&ObjectKey> =
            then.objects.keys().filter(|key| filled.contains(*key) || self.route.alter.contains(*key)).collect();
        for key in emptied {
            let now = view(self.route.now, key).is_some_and(|view| view.populated);
            if view(then, key).is_some_and(|view| !view.populated) && (filled.contains(key) || now) {
                self.run(key, [statement::empty(&statement::title(key, &then.objects[key].definition))]);
            }
        }
        Ok(())
    }

    /// Whether it had rows, and has none now or others.
    fn is_filled(&self, key: &ObjectKey) -> bool {
        let route = self.route;
        let Some(MaterializedView { populated: true, .. }) = view(route.then, key) else { return false };
        let stays_empty = || route.alter.contains(key) && view(route.now, key).is_some_and(|view| !view.populated);
        route.create.contains(key) || route.refresh.contains(key) || stays_empty()
    }
}

fn view<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a MaterializedView> {
    match &snapshot.objects.get(key)?.definition {
        Definition::MaterializedView(view) => Some(view),
        _ => None,
    }
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
                if need.kind == Kind::MaterializedView {
                    found.insert(need.clone());
                }
            }
        }
    }
    found
}
