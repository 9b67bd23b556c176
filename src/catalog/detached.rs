//! Which tables are taken from the tables above them while they are changed back, and attached to those that they had.
//!
//! What is done to a table above goes down to those below, and what came from above can't be changed below. So a tree is
//! taken apart where it changed: each table is then one like any other, and attaching them again marks what is inherited. A
//! partition or inheritance child is never dropped for the sake of another table of its tree.

use super::{
    hierarchy::{
        self, differ_in_descent, differ_in_shape, is_exclusion_from_above, is_foreign_key, is_inheritable_check,
        is_inherited_check, lineage_in, parent,
    },
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{Constraint, Definition, Index, Table},
    object::Object,
    reconciliation::Reconciliation,
    scope::holder,
};

/// From this version on the clones of triggers are triggers that their table's owner can switch.
const CLONES_ARE_SWITCHED: u32 = 150_000;

impl Reconciliation<'_> {
    /// What has to be detached by what is known so far, and what that means for others.
    pub(super) fn detach_where_needed(&mut self) {
        let (touched, from_above) = self.tables_of_checks();
        let tables: Vec<ObjectKey> =
            self.below_others().into_iter().filter(|table| !self.detached.contains(table)).collect();
        for table in tables {
            if from_above.contains(&table) || self.must_be_detached(&table, &touched) {
                if self.has_stale_inherited_check(&table) {
                    self.recreate(&table);
                } else {
                    self.detach(&table);
                }
            }
        }
        self.recreate_indexes_without_counterpart();
        self.drop_attached_parts();
        self.recreate_respelled_relatives();
        self.reattach();
    }

    /// Tables that stay and are, or were, partitions or inheritance children.
    fn below_others(&self) -> ObjectKeys {
        let children = self.hierarchy_then.children.values().chain(self.hierarchy_now.children.values()).flatten();
        children
            .filter(|key| {
                self.then.objects.contains_key(key) && self.now.objects.contains_key(key) && !self.drop.contains(key)
            })
            .cloned()
            .collect()
    }

    /// The tables whose inheritable CHECKs are dropped or made, and those of them whose CHECK came from above.
    fn tables_of_checks(&self) -> (ObjectKeys, ObjectKeys) {
        let (mut touched, mut from_above) = (ObjectKeys::new(), ObjectKeys::new());
        for key in self.drop.iter().chain(&self.gone).chain(&self.create).filter(|key| key.kind == ObjectKind::Constraint) {
            for snapshot in [self.then, self.now] {
                let Some(object) = snapshot.objects.get(key).filter(|object| is_inheritable_check(object)) else { continue };
                if let Some(table) = holder(key, object, snapshot) {
                    if is_inherited_check(object) {
                        from_above.insert(table.clone());
                    }
                    touched.insert(table);
                }
            }
        }
        (touched, from_above)
    }

    fn must_be_detached(&self, table: &ObjectKey, touched: &ObjectKeys) -> bool {
        if self.alter.contains(table)
            && let Some((then, now)) = self.tables(table)
            && (then.lineage != now.lineage || differ_in_shape(then, now) || differ_in_descent(then, now))
        {
            return true;
        }
        let lineages = [lineage_in(self.then, table), lineage_in(self.now, table)];
        lineages.into_iter().flatten().flat_map(|lineage| lineage.parents()).any(|above| {
            touched.contains(above) || self.drop.contains(above) || self.create.contains(above) || self.is_reshaped(above)
        }) || self.has_cloned_triggers(table)
            || self.has_unvalidated_marks_from_above(table)
            || self.is_constraint_in_the_way(table)
    }

    /// Whether a key of the table that goes, or is to go with an index above, has its index attached to one that is no key: neither
    /// can be dropped before the other.
    fn is_constraint_in_the_way(&self, table: &ObjectKey) -> bool {
        let is_going = |key: &ObjectKey| self.drop.contains(key) || self.gone.contains(key);
        self.hierarchy_now.parts.get(table).into_iter().flatten().filter(|part| part.kind == ObjectKind::Constraint).any(
            |part| {
                let above = self.now.objects.get(part).and_then(parent);
                above.is_some_and(|above| above.kind == ObjectKind::Index && (is_going(part) || is_going(above)))
            },
        )
    }

    /// Whether the table stays, with other columns or other marks on them.
    pub(super) fn is_reshaped(&self, table: &ObjectKey) -> bool {
        self.alter.contains(table) && self.tables(table).is_some_and(|(then, now)| differ_in_shape(then, now))
    }

    /// Whether the table is filled while it stands, and has clones of triggers that nobody but a superuser could switch off:
    /// they go while it is detached.
    fn has_cloned_triggers(&self, table: &ObjectKey) -> bool {
        self.now.server_version < CLONES_ARE_SWITCHED
            && self.reload.contains(table)
            && self.clones_on(table).next().is_some()
    }

    /// Whether the table is filled while it stands, and has marks that its rows may break, and that only a table above can lose.
    fn has_unvalidated_marks_from_above(&self, table: &ObjectKey) -> bool {
        let from_above = |table: &Table| table.unvalidated_marks().any(|(_, mark)| mark.descent.above > 0);
        self.reload.contains(table) && self.tables(table).is_some_and(|(then, now)| from_above(then) && from_above(now))
    }

    fn tables(&self, key: &ObjectKey) -> Option<(&Table, &Table)> {
        Some((hierarchy::table(self.then.objects.get(key)?)?, hierarchy::table(self.now.objects.get(key)?)?))
    }

    /// The clones of triggers on a table that come from above.
    fn clones_on(&self, table: &ObjectKey) -> impl Iterator<Item = &ObjectKey> {
        let parts = self.hierarchy_now.parts.get(table).into_iter().flatten();
        parts.filter(|part| part.kind == ObjectKind::Trigger && self.now.objects.get(*part).and_then(parent).is_some())
    }

    /// Whether a CHECK counts more tables above than have it: one that went with a column up there leaves it behind, and nobody
    /// can drop it from its table any more.
    fn has_stale_inherited_check(&self, table: &ObjectKey) -> bool {
        let above: Vec<&ObjectKey> = lineage_in(self.now, table).into_iter().flat_map(|lineage| lineage.parents()).collect();
        let parts = self.hierarchy_now.parts.get(table).into_iter().flatten();
        parts.filter(|part| part.kind == ObjectKind::Constraint).any(|part| {
            let Some(check) = self.now.objects.get(part).and_then(|object| object.definition.check()) else { return false };
            let has_it = |above: &&&ObjectKey| {
                let same = ObjectKey::part(ObjectKind::Constraint, &above.schema, &above.name, &part.name);
                self.now.objects.get(&same).is_some_and(is_inheritable_check)
            };
            usize::try_from(check.descent.above).is_ok_and(|count| count > above.iter().filter(has_it).count())
        })
    }

    /// A partition can't leave while rows elsewhere point to it, and loses the clones of triggers.
    fn detach(&mut self, table: &ObjectKey) {
        self.detached.insert(table.clone());
        if lineage_in(self.now, table).is_some_and(|lineage| lineage.partition_of.is_some()) {
            let dependents: Vec<ObjectKey> =
                self.hierarchy_now.dependents.get(table).into_iter().flatten().cloned().collect();
            for key in dependents {
                let Some(object) = self.now.objects.get(&key) else { continue };
                if is_foreign_key(object) && holder(&key, object, self.now).as_ref() != Some(table) {
                    self.recreate(&key);
                }
            }
            for exclusion in self.exclusions_on(table) {
                self.drop_along(&exclusion);
            }
            for clone in self.clones_on(table).cloned().collect::<Vec<_>>() {
                self.drop_along(&clone);
            }
        }
        if lineage_in(self.then, table).is_some_and(|lineage| !lineage.inherits.is_empty()) {
            for check in self.unvalidated_inherited_checks(table) {
                self.recreate(&check);
            }
        }
    }

    /// The exclusion constraints of a partition that come from above, and do so again when it is attached.
    fn exclusions_on(&self, table: &ObjectKey) -> Vec<ObjectKey> {
        let parts = self.hierarchy_now.parts.get(table).into_iter().flatten();
        parts.filter(|part| self.now.objects.get(*part).is_some_and(is_exclusion_from_above)).cloned().collect()
    }

    /// CHECKs that an inheritance child has from above alone, and that were never validated: nothing can hold them for it meanwhile.
    fn unvalidated_inherited_checks(&self, table: &ObjectKey) -> Vec<ObjectKey> {
        let is_unheld =
            |object: &Object| object.definition.check().is_some_and(|check| !check.validated && !check.descent.local);
        let parts = self.hierarchy_now.parts.get(table).into_iter().flatten();
        parts.filter(|part| self.now.objects.get(*part).is_some_and(is_unheld)).cloned().collect()
    }

    /// An index of a partitioned table that a partition had no counterpart of: the server would make one when the partition
    /// is attached, unless the index comes after that.
    fn recreate_indexes_without_counterpart(&mut self) {
        let attached = self.detached.iter().chain(self.create.iter().filter(|key| key.kind == ObjectKind::Table));
        let mut incomplete = ObjectKeys::new();
        for table in attached {
            let Some(of) = lineage_in(self.then, table).and_then(|lineage| lineage.partition_of.as_ref()) else { continue };
            for index in self.hierarchy_then.parts.get(&of.parent).into_iter().flatten() {
                let is_index = self.then.objects.get(index).is_some_and(hierarchy::is_index);
                let counterparts = self.hierarchy_then.attached.get(index).into_iter().flatten();
                let here = |part: &ObjectKey| {
                    self.then.objects.get(part).and_then(|object| holder(part, object, self.then)).as_ref() == Some(table)
                };
                if is_index && !counterparts.into_iter().any(here) && self.now.objects.contains_key(index) {
                    incomplete.insert(index.clone());
                }
            }
        }
        for index in incomplete.iter().filter(|index| !self.create.contains(*index)).cloned().collect::<Vec<_>>() {
            self.recreate(&index);
        }
    }

    /// Parts that are attached to a part that goes, go with it, unless their table is detached by then. A foreign key goes before
    /// anything is detached.
    fn drop_attached_parts(&mut self) {
        let going: Vec<ObjectKey> = self.drop.iter().chain(&self.gone).cloned().collect();
        for part in going {
            for below in self.hierarchy_now.attached.get(&part).cloned().unwrap_or_default() {
                let Some(object) = self.now.objects.get(&below) else { continue };
                let is_detached = holder(&below, object, self.now).is_some_and(|table| self.detached.contains(&table));
                if !self.gone.contains(&below) && (!is_detached || is_foreign_key(object)) {
                    self.drop_along(&below);
                }
            }
        }
    }

    /// An expression that the server spells anew when it reads its own text must be made of it in all tables of a tree, or
    /// else it is another one above than below.
    fn recreate_respelled_relatives(&mut self) {
        for key in self.create.clone() {
            let Some(object) = self.then.objects.get(&key).filter(|object| may_be_respelled(object)) else { continue };
            for relative in self.relatives(&key, object) {
                let stands = self.now.objects.contains_key(&relative)
                    && !self.drop.contains(&relative)
                    && !self.gone.contains(&relative);
                if stands && !self.create.contains(&relative) {
                    self.recreate(&relative);
                }
            }
        }
    }

    /// The same part of the tables right above and below.
    fn relatives(&self, key: &ObjectKey, object: &Object) -> ObjectKeys {
        let mut relatives: ObjectKeys = self.hierarchy_then.attached.get(key).cloned().unwrap_or_default();
        relatives.extend(parent(object).cloned());
        if is_inheritable_check(object)
            && let Some(table) = holder(key, object, self.then)
        {
            let above = lineage_in(self.then, &table).into_iter().flat_map(|lineage| lineage.parents());
            let tables = above.chain(self.hierarchy_then.children(&table));
            relatives.extend(
                tables
                    .map(|table| ObjectKey::part(ObjectKind::Constraint, &table.schema, &table.name, &key.name))
                    .filter(|other| self.then.objects.get(other).is_some_and(is_inheritable_check)),
            );
        }
        relatives
    }

    /// A part that is attached elsewhere, on a table that stays where it is, can only be made anew; and so can a CHECK that an
    /// inheritance child had from above alone and declares itself now.
    fn reattach(&mut self) {
        let strayed = |key: &&ObjectKey| {
            let (Some(then), Some(now)) = (self.then.objects.get(*key), self.now.objects.get(*key)) else { return false };
            let table = holder(key, now, self.now);
            let is_heir = |table: &ObjectKey| lineage_in(self.then, table).is_some_and(|of| !of.inherits.is_empty());
            let is_own = |object: &Object| object.definition.check().is_some_and(|check| check.descent.local);
            let is_detached = table.as_ref().is_some_and(|table| self.detached.contains(table));
            (parent(now).is_some() && parent(then) != parent(now) && !is_detached)
                || (is_own(now) && !is_own(then) && table.as_ref().is_some_and(is_heir))
        };
        for key in self.alter.iter().filter(strayed).cloned().collect::<Vec<_>>() {
            self.recreate(&key);
        }
    }
}

/// Whether the server may print what it makes of the recorded text in other words (`IN` over varchar).
fn may_be_respelled(object: &Object) -> bool {
    if let Definition::Constraint(Constraint { contype: 'c' | 'x', definition: text, .. })
    | Definition::Index(Index { create: text, has_expressions: true, .. }) = &object.definition
    {
        return text.contains("character varying");
    }
    false
}
