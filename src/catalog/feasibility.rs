//! Whether what is to happen to each object is possible at all.

use super::{
    hierarchy::lineage_in,
    kind::{ObjectKey, ObjectKind},
    kinds::{Definition, Fingerprinted},
    reconciliation::Reconciliation,
    scope::holder,
    script::Unrestorable,
    snapshot::Snapshot,
};

impl<'a> Reconciliation<'a> {
    /// Finds everything that stands in the way.
    pub(super) fn check(&mut self) {
        for key in self.drop.clone() {
            self.check_drop(&key);
        }
        for key in self.create.clone() {
            self.check_create(&key);
        }
        for key in self.create.iter().chain(&self.detached).cloned().collect::<Vec<_>>() {
            if lineage_in(self.then, &key).and_then(|of| of.partition_of.as_ref()).is_some_and(|of| of.detaching) {
                self.problem(&key, "was being detached (DETACH CONCURRENTLY), and can't be made so again".to_owned());
            }
        }
        for key in self.alter.clone() {
            // Owner, privileges and comment come back even so.
            let definition = |snapshot: &'a Snapshot| snapshot.objects.get(&key).map(|object| &object.definition);
            if self.is_fingerprint_only(&key) && definition(self.then) != definition(self.now) {
                self.problem(&key, "was changed, and can't be changed back".to_owned());
            }
            self.check_part(&key);
        }
    }

    /// Whether nothing but a fingerprint is known of the object.
    pub(super) fn is_fingerprint_only(&self, key: &ObjectKey) -> bool {
        [self.then, self.now]
            .iter()
            .filter_map(|snapshot| snapshot.objects.get(key))
            .any(|object| is_fingerprint_only(&object.definition))
    }

    fn check_drop(&mut self, key: &ObjectKey) {
        let was_there = self.then.objects.contains_key(key);
        if key.kind == ObjectKind::Table && was_there && !self.has_copy(key) {
            self.uncovered(key, "must be made anew, and its rows have no copy".to_owned());
        }
        if key.kind == ObjectKind::Table && !was_there && !self.scope.changed.contains(key) {
            self.problem(key, "was not made by this run, but stands in the way and would have to be dropped".to_owned());
        }
        let can_drop = self.now.objects.get(key).is_some_and(|object| object.definition.can_drop(key));
        if !can_drop {
            self.problem(key, "was made, and can't be dropped".to_owned());
        }
        self.check_part(key);
    }

    fn check_create(&mut self, key: &ObjectKey) {
        let Some(object) = self.then.objects.get(key) else { return };
        for why in object.definition.obstacles() {
            self.problem(key, why);
        }
        let is_table = key.kind == ObjectKind::Table;
        if is_table && !self.has_copy(key) && !self.now.objects.contains_key(key) {
            self.uncovered(key, "was dropped, and its rows have no copy".to_owned());
        }
        for need in object.depends_on.iter().chain(object.definition.default_needs()) {
            let stays = self.now.objects.contains_key(need) && !self.drop.contains(need) && !self.gone.contains(need);
            if !stays && !self.create.contains(need) {
                self.problem(key, format!("needs {need}, which is gone"));
            }
        }
        self.check_part(key);
    }

    /// Parts of tables of which not everything is known here.
    fn check_part(&mut self, key: &ObjectKey) {
        if !matches!(key.kind, ObjectKind::Constraint | ObjectKind::Index | ObjectKind::Trigger) {
            return;
        }
        for snapshot in [self.then, self.now] {
            let Some(holder) = snapshot.objects.get(key).and_then(|object| holder(key, object, snapshot)) else { continue };
            if let Some(Definition::Table(table)) = snapshot.objects.get(&holder).map(|object| &object.definition)
                && let Some(why) = table.unloadable.first()
                && self.then.objects.contains_key(&holder)
                && (std::ptr::eq(snapshot, self.then) || !self.drop.contains(&holder))
            {
                self.problem(key, format!("is part of a table that {why}"));
            }
        }
    }

    pub(super) fn problem(&mut self, key: &ObjectKey, why: String) {
        let problem = Unrestorable { object: key.clone(), why, needs_copy: false };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A problem that is none where the backup holds the table.
    pub(super) fn uncovered(&mut self, table: &ObjectKey, why: String) {
        if !self.problems.iter().any(|problem| problem.needs_copy && problem.object == *table) {
            self.problems.push(Unrestorable { object: table.clone(), why, needs_copy: true });
        }
    }
}

/// Whether an object can't be made again, because nothing but a fingerprint is known of it.
pub(super) fn is_fingerprint_only(definition: &Definition) -> bool {
    matches!(definition, Definition::Other(Fingerprinted { statements, .. }) if statements.is_empty())
}
