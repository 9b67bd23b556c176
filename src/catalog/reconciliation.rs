//! What must happen to which object, so that `now` becomes `then`: decided here, written as statements elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    change::Change,
    diff::diff,
    domain_values,
    foreign_key::{Rivals, hang_alike, table_of},
    hierarchy::{Hierarchy, is_foreign_key, is_partitioned, lineage_in, parent},
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{AlterTerms, Column, Constraint, Definition, Index, NotNull, RowBackup},
    lineage::Lineage,
    object::Object,
    scope::{holder, in_scope, parts},
    script::{Scope, Unrestorable},
    snapshot::Snapshot,
};

/// What happens to each object.
pub(super) struct Reconciliation<'a> {
    pub then: &'a Snapshot,
    pub now: &'a Snapshot,
    pub(super) scope: &'a Scope,
    /// Differences outside the scope: others made them, and they stay.
    pub left_alone: ObjectKeys,
    /// What the restore answers for.
    pub in_scope: ObjectKeys,
    /// Dropped by a statement of their own.
    pub drop: ObjectKeys,
    /// Dropped with the table or view that they are a part of.
    pub gone: ObjectKeys,
    /// Made as they were then.
    pub create: ObjectKeys,
    /// Was there then, and is not made again: what a failed build of an index left behind.
    pub left_out: ObjectKeys,
    /// Changed while they stand.
    pub alter: ObjectKeys,
    /// Tables that are emptied and filled while they stand.
    pub reload: ObjectKeys,
    /// Materialized views that stay and are filled again.
    pub refresh: ObjectKeys,
    /// Columns whose default is taken off because what it needs is dropped.
    pub dropped_defaults: BTreeSet<(ObjectKey, String)>,
    /// Sequences that are taken from the table that owns them, so that they outlive its drop.
    pub released: ObjectKeys,
    /// Tables that stay, and are taken from the tables above them before anything is dropped.
    pub detached: ObjectKeys,
    /// Who stands above and below whom, then and now.
    pub hierarchy_then: Hierarchy,
    pub hierarchy_now: Hierarchy,
    rivals: Rivals,
    pub(super) problems: Vec<Unrestorable>,
    queue: Vec<ObjectKey>,
}

impl<'a> Reconciliation<'a> {
    /// The reconciliation, or everything that stands in its way. What is in `remade` is dropped and made again even where nothing
    /// demands it.
    pub fn find(
        then: &'a Snapshot,
        now: &'a Snapshot,
        scope: &'a Scope,
        remade: &ObjectKeys,
    ) -> Result<Reconciliation<'a>, Vec<Unrestorable>> {
        let changes = diff(then, now);
        let in_scope = in_scope(then, now, &changes, scope);
        let mut reconciliation = Reconciliation {
            then,
            now,
            scope,
            left_alone: changes.iter().map(|change| change.object.clone()).filter(|key| !in_scope.contains(key)).collect(),
            in_scope,
            drop: ObjectKeys::new(),
            gone: ObjectKeys::new(),
            create: ObjectKeys::new(),
            left_out: ObjectKeys::new(),
            alter: ObjectKeys::new(),
            reload: ObjectKeys::new(),
            refresh: ObjectKeys::new(),
            dropped_defaults: BTreeSet::new(),
            released: ObjectKeys::new(),
            detached: ObjectKeys::new(),
            hierarchy_then: Hierarchy::of(then),
            hierarchy_now: Hierarchy::of(now),
            rivals: Rivals::of(then),
            problems: Vec::new(),
            queue: Vec::new(),
        };
        let (tables, others): (Vec<&Change>, Vec<&Change>) = changes
            .iter()
            .filter(|change| reconciliation.in_scope.contains(&change.object))
            .partition(|change| change.object.kind == ObjectKind::Table);
        for change in tables {
            reconciliation.resolve_change(change);
        }
        for key in remade {
            reconciliation.recreate(key);
        }
        // What becomes of a part depends on what becomes of its table.
        reconciliation.propagate();
        for change in others {
            reconciliation.resolve_change(change);
        }
        for key in &scope.reload {
            if key.kind == ObjectKind::MaterializedView {
                reconciliation.refresh.insert(key.clone());
            } else {
                reconciliation.empty(key);
            }
        }
        reconciliation.propagate();
        reconciliation.finish();
        reconciliation.identities();
        reconciliation.check();
        if reconciliation.problems.is_empty() { Ok(reconciliation) } else { Err(reconciliation.problems) }
    }

    /// Whether the backup holds the table.
    pub fn covers(&self, table: &ObjectKey) -> bool {
        self.scope.covered.contains(table)
    }

    /// Whether the table can be made anew: the backup has its rows, or it holds none itself.
    pub(super) fn has_copy(&self, table: &ObjectKey) -> bool {
        self.covers(table) || is_partitioned(self.then, table)
    }

    /// The not-null marks of a table that are NOT VALID then and now, with their columns: rows may break them. Those that it has from
    /// above alone go and come with the ones above.
    pub fn unvalidated_not_nulls(&self, table: &ObjectKey) -> Vec<(&'a str, &'a NotNull)> {
        let columns = |snapshot: &'a Snapshot| snapshot.objects.get(table).map_or(&[][..], |of| of.definition.columns());
        let unvalidated =
            |column: &&'a Column| column.not_null.as_ref().is_some_and(|mark| !mark.validated && mark.descent.local);
        let still = |name: &str| columns(self.now).iter().filter(unvalidated).any(|column| column.name == name);
        let then = columns(self.then).iter().filter(unvalidated).filter(|column| still(&column.name));
        then.filter_map(|column| column.not_null.as_ref().map(|mark| (column.name.as_str(), mark))).collect()
    }

    /// What is changed while it stands, as it was and as it is.
    pub fn altered(&self) -> impl Iterator<Item = (&ObjectKey, &'a Object, &'a Object)> {
        self.alter.iter().filter_map(|key| Some((key, self.then.objects.get(key)?, self.now.objects.get(key)?)))
    }

    /// The triggers or rules that stay on a table, with the states that they were in then.
    pub fn firing(&self, kind: ObjectKind, table: &ObjectKey) -> impl Iterator<Item = (&'a ObjectKey, char)> {
        self.then
            .objects
            .iter()
            .filter(move |(key, object)| {
                key.kind == kind
                    && holder(key, object, self.then).as_ref() == Some(table)
                    && self.now.objects.contains_key(key)
                    && !self.create.contains(key)
            })
            .filter_map(move |(key, object)| Some((key, object.definition.fires()?)))
    }

    /// What a single difference asks for.
    fn resolve_change(&mut self, change: &Change) {
        let key = &change.object;
        if self.drop.contains(key) || self.gone.contains(key) {
            return;
        }
        match (self.then.objects.get(key), self.now.objects.get(key)) {
            (Some(then), Some(now)) => {
                // A column that goes leaves a hole; for that nobody takes a whole tree down, nor a table that holds rows of this one.
                let stands_alone = !self.has_relatives(key) && !self.is_held_by_uncovered(key);
                let rows = if self.covers(key) && stands_alone { RowBackup::Copied } else { RowBackup::Kept };
                let is_refused = domain_values::cannot_look(key, then, now, self.now);
                if can_stay(then, now, AlterTerms { rows, server_version: self.now.server_version }) && !is_refused {
                    self.alter.insert(key.clone());
                } else {
                    self.recreate(key);
                }
            }
            _ => self.recreate(key),
        }
    }

    /// Whether a table stands in a tree, then or now.
    pub(super) fn has_relatives(&self, key: &ObjectKey) -> bool {
        [(self.then, &self.hierarchy_then), (self.now, &self.hierarchy_now)].into_iter().any(|(snapshot, family)| {
            family.children.contains_key(key) || lineage_in(snapshot, key).is_some_and(Lineage::is_known)
        })
    }

    /// Whether a table without a copy has columns of the row type of this one.
    fn is_held_by_uncovered(&self, key: &ObjectKey) -> bool {
        let dependents = self.hierarchy_now.dependents.get(key).into_iter().flatten();
        dependents.filter(|dependent| dependent.kind == ObjectKind::Table).any(|dependent| !self.has_copy(dependent))
    }

    /// What a part is attached to and can't be dropped without.
    fn attached_to(&self, part: &ObjectKey) -> Option<ObjectKey> {
        let object = self.now.objects.get(part)?;
        let above = parent(object).filter(|above| self.now.objects.contains_key(above))?;
        let table = holder(part, object, self.now)?;
        // Foreign keys go before any table is detached.
        let is_detached = self.detached.contains(&table) && !is_foreign_key(object);
        (!is_detached && !self.drop.contains(&table)).then(|| above.clone())
    }

    /// Drops an object, where it exists, and makes it as it was then, where it was.
    pub(super) fn recreate(&mut self, key: &ObjectKey) {
        if let Some(above) = self.attached_to(key) {
            self.recreate(&above);
            self.drop_along(key);
        } else if self.now.objects.contains_key(key) && !self.gone.contains(key) && self.drop.insert(key.clone()) {
            self.queue.push(key.clone());
        }
        if self.then.objects.contains_key(key) {
            self.create.insert(key.clone());
        }
        self.alter.remove(key);
    }

    /// Empties a table that stays: foreign keys from and to it, checks that its rows may break, and indexes that are quicker
    /// built anew than kept up go before the rows and come after them.
    fn empty(&mut self, table: &ObjectKey) {
        let (Some(then), Some(now)) = (self.then.objects.get(table), self.now.objects.get(table)) else { return };
        // A partitioned table has its rows in its partitions.
        if self.drop.contains(table) || is_partitioned(self.then, table) || is_partitioned(self.now, table) {
            return;
        }
        if let (Definition::Table(before), Definition::Table(after)) = (&then.definition, &now.definition) {
            for why in before.unloadable.iter().chain(&after.unloadable) {
                self.problem(table, format!("{why}, so its rows can't be replaced"));
            }
        }
        self.reload.insert(table.clone());
        let in_the_way: Vec<ObjectKey> = self
            .now
            .objects
            .iter()
            .filter(|(key, object)| self.is_in_the_way(key, object, table))
            .map(|(key, _)| key.clone())
            .collect();
        for key in in_the_way {
            self.recreate(&key);
        }
    }

    /// Whether a part can't stand while the rows of a table come.
    fn is_in_the_way(&self, key: &ObjectKey, object: &Object, table: &ObjectKey) -> bool {
        if is_foreign_key(object) {
            return object.depends_on.contains(table);
        }
        let is_slow = matches!(
            &object.definition,
            Definition::Constraint(Constraint { contype: 'c', validated: false, .. })
                // One that is INVALID would be built anew, and might not be buildable.
                | Definition::Index(Index { has_expressions: false, parent: None, .. })
                | Definition::Index(Index { valid: false, partitioned: false, .. })
        );
        is_slow && holder(key, object, self.now).as_ref() == Some(table)
    }

    /// Goes on until nothing more is found: each round adds something, or is the last.
    fn propagate(&mut self) {
        loop {
            self.add_dependents();
            self.add_parts();
            let before = self.size();
            self.detach_where_needed();
            self.recreate_rival_indexes();
            if self.queue.is_empty() && self.size() == before {
                break;
            }
        }
    }

    /// A foreign key that is made again hangs on the index that it hung on only where no other index that would do is older.
    fn recreate_rival_indexes(&mut self) {
        let rivals: ObjectKeys = self.create.iter().flat_map(|key| self.rivals_of(key)).collect();
        for rival in rivals {
            self.recreate(&rival);
        }
    }

    /// The indexes that stay and would be taken in place of the one that a foreign key hung on, if it were made now.
    fn rivals_of(&self, key: &ObjectKey) -> ObjectKeys {
        let Some(then) = self.then.objects.get(key) else { return ObjectKeys::new() };
        let Some((bound, table)) = then.hangs_on.as_ref().and_then(|bound| Some((bound, table_of(bound, self.then)?)))
        else {
            return ObjectKeys::new();
        };
        let hangs_elsewhere = self.now.objects.get(key).is_some_and(|now| !hang_alike(then, now));
        if !self.create.contains(bound) && !hangs_elsewhere {
            return ObjectKeys::new();
        }
        let stays = |rival: &ObjectKey| {
            self.now.objects.contains_key(rival) && !self.drop.contains(rival) && !self.gone.contains(rival)
        };
        self.rivals.of_key(then, &table, bound).into_iter().filter(stays).collect()
    }

    fn size(&self) -> [usize; 4] {
        [self.drop.len(), self.gone.len(), self.create.len(), self.detached.len()]
    }

    /// Everything that can't stay when something is dropped.
    fn add_dependents(&mut self) {
        let defaults = defaults(self.now);
        while let Some(key) = self.queue.pop() {
            for part in self.hierarchy_now.parts.get(&key).cloned().unwrap_or_default() {
                self.part_of_dropped(&part);
            }
            for dependent in self.hierarchy_now.dependents.get(&key).cloned().unwrap_or_default() {
                // What is attached to it goes along, or stays alone.
                let is_attached = self.now.objects.get(&dependent).and_then(parent) == Some(&key);
                if !is_attached && !self.drop.contains(&dependent) && !self.gone.contains(&dependent) {
                    self.dependent_of_dropped(&dependent, &key);
                }
            }
            for column in defaults.get(&key).into_iter().flatten() {
                self.dropped_defaults.insert(column.clone());
            }
        }
    }

    fn finish(&mut self) {
        let is_leftover = |key: &&ObjectKey| self.then.objects.get(*key).is_some_and(is_leftover);
        self.left_out = self.create.iter().filter(is_leftover).cloned().collect();
        self.create = self.create.difference(&self.left_out).cloned().collect();
        self.reload = self.reload.difference(&self.drop).cloned().collect();
        self.detached = self.detached.difference(&self.drop).cloned().collect();
        // Dropping a table takes its defaults along, unless what they need has to go first.
        let (drop, gone, now) = (&self.drop, &self.gone, self.now);
        self.dropped_defaults.retain(|(table, name)| {
            let needs = needs_of_default(now, table, name);
            !drop.contains(table)
                || needs.iter().any(|need| {
                    let own = now.objects.get(need).and_then(|object| holder(need, object, now)).as_ref() == Some(table);
                    drop.contains(need) || (gone.contains(need) && !own)
                })
        });
    }

    /// A part goes with its table; a sequence that was there before can be set free and stay.
    fn part_of_dropped(&mut self, part: &ObjectKey) {
        if let Some(Definition::Sequence(sequence)) = self.now.objects.get(part).map(|object| &object.definition)
            && !sequence.identity
            && !self.drop.contains(part)
            && self.is_plain_sequence_then(part)
        {
            self.released.insert(part.clone());
            return;
        }
        self.drop_along(part);
    }

    /// The part goes without a statement of its own, and is made again where it was.
    pub(super) fn drop_along(&mut self, part: &ObjectKey) {
        self.drop.remove(part);
        self.alter.remove(part);
        if self.gone.insert(part.clone()) {
            self.queue.push(part.clone());
        }
        if self.then.objects.contains_key(part) {
            self.create.insert(part.clone());
        }
    }

    fn is_plain_sequence_then(&self, key: &ObjectKey) -> bool {
        matches!(self.then.objects.get(key).map(|object| &object.definition), Some(Definition::Sequence(then)) if !then.identity)
    }

    fn dependent_of_dropped(&mut self, dependent: &ObjectKey, dropped: &ObjectKey) {
        let was_there = self.then.objects.contains_key(dependent);
        let is_table = dependent.kind == ObjectKind::Table;
        // It is taken from the table above, and stays.
        if is_table && was_there && lineage_in(self.now, dependent).is_some_and(|of| of.parents().any(|p| p == dropped)) {
            return;
        }
        if was_there && self.is_fingerprint_only(dependent) {
            self.problem(dependent, format!("depends on {dropped} and can't be made again"));
            return;
        }
        if is_table && was_there && !self.has_copy(dependent) {
            self.uncovered(dependent, format!("depends on {dropped}, and its rows have no copy"));
        }
        // What depends on it in turn is found, too, so that all of it can be said at once.
        self.recreate(dependent);
    }

    /// A table is made with all its parts, whatever had become of each.
    fn add_parts(&mut self) {
        let parts = parts(self.then);
        let holders: Vec<ObjectKey> = self
            .create
            .iter()
            .filter(|key| matches!(key.kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView))
            .cloned()
            .collect();
        for part in holders.iter().filter_map(|holder| parts.get(holder)).flatten() {
            let stays = self.now.objects.contains_key(part) && !self.drop.contains(part) && !self.gone.contains(part);
            if !stays {
                self.create.insert(part.clone());
                self.alter.remove(part);
            }
        }
    }

    /// The sequence of an identity column comes with the column: a table that stays is altered to have it again.
    fn identities(&mut self) {
        let tables: Vec<ObjectKey> = self
            .create
            .iter()
            .filter_map(|key| self.then.objects.get(key).map(|object| (key, object)))
            .filter(|(_, object)| object.definition.is_of_identity())
            .filter_map(|(key, object)| holder(key, object, self.then))
            .filter(|table| !self.create.contains(table))
            .collect();
        self.alter.extend(tables);
    }
}

/// Whether statements can change the object back without dropping it. Owners, grants and comments always can be.
fn can_stay(then: &Object, now: &Object, terms: AlterTerms) -> bool {
    hang_alike(then, now) && then.definition.can_stay(&now.definition, terms)
}

/// Whether it is what a failed build of an index left: it serves no query, and nobody can make it so again. One of a partitioned
/// table is valid as soon as every partition has one.
fn is_leftover(object: &Object) -> bool {
    matches!(&object.definition, Definition::Index(Index { valid: false, partitioned: false, .. }))
}

/// What a column's plain default needs.
fn needs_of_default<'a>(snapshot: &'a Snapshot, table: &ObjectKey, name: &str) -> &'a ObjectKeys {
    static NONE: ObjectKeys = ObjectKeys::new();
    let Some(Definition::Table(table)) = snapshot.objects.get(table).map(|object| &object.definition) else { return &NONE };
    table.columns.iter().find(|column| column.name == name).map_or(&NONE, |column| &column.default_needs)
}

/// The columns whose plain default needs an object.
fn defaults(snapshot: &Snapshot) -> BTreeMap<ObjectKey, Vec<(ObjectKey, String)>> {
    let mut defaults: BTreeMap<ObjectKey, Vec<(ObjectKey, String)>> = BTreeMap::new();
    for (key, object) in &snapshot.objects {
        let Definition::Table(table) = &object.definition else { continue };
        for column in &table.columns {
            for need in &column.default_needs {
                defaults.entry(need.clone()).or_default().push((key.clone(), column.name.clone()));
            }
        }
    }
    defaults
}
