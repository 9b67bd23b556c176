//! Trees of partitions and inheritance children: taken apart before anything is dropped, put together when each table is as it was.

use std::collections::BTreeSet;

use super::{
    composer::{Composer, ScriptSteps, add},
    step::ScriptStep,
    trees::is_check_from_above,
};
use crate::catalog::{
    hierarchy::{self, is_exclusion_from_above, is_foreign_key, is_of_partitioned, lineage_in, parent, table_pair},
    kind::{ObjectKey, ObjectKind},
    kinds::{
        Constraint, Definition, Index, Trigger, attach, attach_index, detach, drop_scaffold, inheritance_child,
        mark_from_above, of_scaffold, scaffold_for,
    },
    lineage::Lineage,
    object::Object,
    scope::holder,
    statement::{self, ObjectPair},
};

/// Whether the object comes with the one above, or when its table is attached.
fn comes_with_parent(key: &ObjectKey, object: &Object) -> bool {
    let has_its_name = |above: &ObjectKey| above.name == key.name;
    let always = matches!(&object.definition, Definition::Trigger(_))
        || object.definition.constraint().is_some_and(Constraint::is_exclusion);
    parent(object).is_some_and(|above| always || is_foreign_key(object) && has_its_name(above))
}

impl Composer<'_, '_> {
    /// Takes the loose tables from those above them. A partition can't leave while a foreign key points to its rows.
    pub(super) fn take_apart(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        for key in &self.trees.dropped {
            // What is attached goes with what it is attached to.
            if reconciliation.now.objects.get(key).is_some_and(|object| parent(object).is_none()) {
                add(steps, ScriptStep::DropForeignKey(key.clone()), []);
            }
        }
        for table in &reconciliation.detached {
            add(steps, ScriptStep::Detach(table.clone()), []);
        }
    }

    pub(super) fn write_detach(&mut self, table: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(now) = reconciliation.now.objects.get(table).and_then(hierarchy::table) else { return };
        if let (Some(scaffold), Some(then)) =
            (self.trees.scaffolds.get(table).cloned(), reconciliation.then.objects.get(table).and_then(hierarchy::table))
        {
            let checks = self.checks_to_lose(table);
            self.run(table, scaffold_for(table, &scaffold, (then, now), &checks));
        }
        self.run(table, detach(table, &now.lineage));
    }

    /// The CHECKs of an inheritance child that its scaffold must not hold.
    fn checks_to_lose(&self, table: &ObjectKey) -> Vec<String> {
        let reconciliation = self.reconciliation;
        let is_held = |key: &ObjectKey| {
            [reconciliation.then, reconciliation.now]
                .iter()
                .all(|snapshot| snapshot.objects.get(key).is_some_and(is_check_from_above))
                && !self.is_going(key)
        };
        let checks = |key: &&ObjectKey| {
            matches!(
                reconciliation.now.objects.get(*key).map(|object| &object.definition),
                Some(Definition::Constraint(Constraint { contype: 'c', .. }))
            )
        };
        let parts = reconciliation.hierarchy_now.parts.get(table).into_iter().flatten();
        parts.filter(checks).filter(|key| !is_held(key)).map(|key| key.name.clone()).collect()
    }

    pub(super) fn is_going(&self, key: &ObjectKey) -> bool {
        self.reconciliation.drop.contains(key) || self.reconciliation.gone.contains(key)
    }

    /// Whether it was dropped with the foreign keys.
    pub(super) fn is_dropped_early(&self, key: &ObjectKey) -> bool {
        self.trees.dropped.contains(key)
    }

    /// A part that would have gone with the one that it is attached to, had its table not been detached by then.
    pub(super) fn stands_alone(&self, part: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.now.objects.get(part) else { return false };
        matches!(part.kind, ObjectKind::Constraint | ObjectKind::Index)
            && parent(object).is_some()
            && holder(part, object, reconciliation.now).is_some_and(|table| reconciliation.detached.contains(&table))
    }

    /// A part that goes with the same part of the table above, and can't be dropped without that.
    pub(super) fn goes_along(&self, part: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.now.objects.get(part) else { return false };
        let Some(table) = holder(part, object, reconciliation.now) else { return false };
        let of_above = |table: &ObjectKey| ObjectKey::part(ObjectKind::Constraint, &table.schema, &table.name, &part.name);
        let is_detached = reconciliation.detached.contains(&table);
        // The clone of a trigger goes when its table is taken from the one above, too.
        parent(object).is_some_and(|above| part.kind == ObjectKind::Trigger || self.is_going(above) && !is_detached)
            || hierarchy::is_inherited_check(object)
                && !is_detached
                && lineage_in(reconciliation.now, &table)
                    .into_iter()
                    .flat_map(Lineage::parents)
                    .any(|t| self.is_going(&of_above(t)))
    }

    /// What is done for trees, and what else has to wait for it.
    pub(super) fn attach_tables(&self, steps: &mut ScriptSteps) {
        for table in &self.trees.ties {
            add(steps, ScriptStep::Attach(table.clone()), self.before_attach(table));
        }
        for (step, place) in steps.iter_mut() {
            if let ScriptStep::Make(key) = step {
                place.needs.extend(self.after_attach(key));
            }
        }
    }

    /// Both tables are there, full, and in shape; CHECKs of both are there; and the indexes of the lower one, lest the server
    /// make others.
    fn before_attach(&self, table: &ObjectKey) -> BTreeSet<ScriptStep> {
        let reconciliation = self.reconciliation;
        let above: Vec<&ObjectKey> = lineage_in(reconciliation.then, table).into_iter().flat_map(Lineage::parents).collect();
        let mut needs: BTreeSet<ScriptStep> = above
            .iter()
            .copied()
            .chain([table])
            .flat_map(|table| {
                [ScriptStep::Make(table.clone()), ScriptStep::Load(table.clone()), ScriptStep::Shape(table.clone())]
            })
            .collect();
        // Their marks, too, which may come after their rows only, and those of the tables above, from those above them.
        let is_marked = |table: &&ObjectKey| {
            let table = reconciliation.then.objects.get(*table).and_then(hierarchy::table);
            table.is_some_and(|table| table.unvalidated_marks().next().is_some())
        };
        for marked in above.iter().copied().chain([table]).filter(is_marked) {
            needs.extend([ScriptStep::Finish(marked.clone()), ScriptStep::EnableTriggers(marked.clone())]);
            needs.extend((marked != table).then(|| ScriptStep::Attach(marked.clone())));
        }
        let parts = |table: &ObjectKey| reconciliation.hierarchy_then.parts.get(table).into_iter().flatten();
        let definition = |part: &ObjectKey| reconciliation.then.objects.get(part).map(|object| &object.definition);
        for part in above.into_iter().flat_map(parts) {
            if definition(part).is_some_and(|definition| definition.check().is_some()) {
                needs.insert(ScriptStep::Make(part.clone()));
            }
        }
        for part in parts(table) {
            let is_needed = match definition(part) {
                Some(Definition::Index(_) | Definition::Constraint(Constraint { contype: 'c' | 'p' | 'u' | 'x', .. })) => {
                    true
                }
                Some(Definition::Constraint(Constraint { contype: 'f', parent: Some(above), .. })) => {
                    above.name != part.name && !reconciliation.create.contains(above)
                }
                _ => false,
            };
            if is_needed {
                needs.insert(ScriptStep::Make(part.clone()));
            }
        }
        needs
    }

    /// What a part waits for: what goes down from it must find the tables below.
    fn after_attach(&self, key: &ObjectKey) -> BTreeSet<ScriptStep> {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.then.objects.get(key) else { return BTreeSet::new() };
        let table = holder(key, object, reconciliation.then);
        let attach = |table: &ObjectKey| ScriptStep::Attach(table.clone());
        let below = |table: &ObjectKey| reconciliation.hierarchy_then.descendants(table).into_iter().map(ScriptStep::Attach);
        let attached =
            || reconciliation.hierarchy_then.attached.get(key).into_iter().flatten().cloned().map(ScriptStep::Make);
        let definition = &object.definition;
        let is_index = matches!(
            definition,
            Definition::Index(Index { partitioned: true, .. })
                | Definition::Constraint(Constraint { contype: 'p' | 'u' | 'x', .. })
        );
        if is_index {
            let children = table.iter().flat_map(|table| reconciliation.hierarchy_then.children(table));
            return children.map(attach).chain(attached()).collect();
        }
        if is_foreign_key(object) {
            // One that a standing constraint above would make under another name comes before its table is attached.
            if parent(object).is_some_and(|above| !reconciliation.create.contains(above)) {
                return BTreeSet::new();
            }
            let tables: Vec<&ObjectKey> = object.depends_on.iter().filter(|need| need.kind == ObjectKind::Table).collect();
            return tables.iter().flat_map(|table| below(table).chain([attach(table)])).chain(attached()).collect();
        }
        let is_trigger = matches!(definition, Definition::Trigger(_));
        if is_trigger { table.iter().flat_map(below).collect() } else { BTreeSet::new() }
    }

    /// The statements that make an object whose making a tree has to do with; none where they are the usual ones.
    pub(super) fn make_in_tree(&self, key: &ObjectKey, object: &Object) -> Option<Vec<String>> {
        let reconciliation = self.reconciliation;
        let scaffold = |table: &ObjectKey| self.trees.scaffolds.get(table);
        if let Definition::Table(table) = &object.definition {
            return scaffold(key).map(|scaffold| inheritance_child(key, table, reconciliation.then, scaffold));
        }
        if comes_with_parent(key, object) {
            return Some(Vec::new());
        }
        if is_check_from_above(object) {
            let table = holder(key, object, reconciliation.then)?;
            let part = of_scaffold(key, scaffold(&table)?);
            return Some(statement::create(&part, object, reconciliation.then));
        }
        let is_attached_to = matches!(
            &object.definition,
            Definition::Constraint(Constraint { contype: 'p' | 'u', .. }) | Definition::Index(_)
        );
        (is_attached_to && is_of_partitioned(reconciliation.then, key)).then(|| {
            let below = reconciliation.hierarchy_then.attached.get(key).into_iter().flatten();
            let attach = below.map(|below| attach_index(key, below));
            statement::create(key, object, reconciliation.then).into_iter().chain(attach).collect()
        })
    }

    /// Gives a table that stays its columns back.
    pub(super) fn write_shape(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        if let (Some(then), Some(now)) = (reconciliation.then.objects.get(key), reconciliation.now.objects.get(key)) {
            let changing = self.changing(ObjectPair { key, then, now });
            let columns = table_pair(then, now).map(|(then, now)| then.change_columns(now, changing));
            self.run(key, columns.unwrap_or_default());
        }
    }

    /// Puts a table below those that it had above it. Indexes that the server would not have chosen for it are attached by
    /// name; those of a constraint or index that is yet to be made are when it is.
    pub(super) fn write_attach(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(lineage) = lineage_in(reconciliation.then, key) else { return };
        let scaffold = self.trees.scaffolds.get(key).cloned();
        let marks = reconciliation.then.objects.get(key).and_then(hierarchy::table);
        self.run(key, marks.map(|then| mark_from_above(key, scaffold.as_ref(), then)).unwrap_or_default());
        self.run(key, attach(key, lineage));
        if let Some(scaffold) = scaffold {
            self.run(key, drop_scaffold(key, &scaffold));
        }
        for part in reconciliation.hierarchy_then.parts.get(key).into_iter().flatten() {
            let Some(object) = reconciliation.then.objects.get(part) else { continue };
            if let Some(above) = parent(object)
                && matches!(part.kind, ObjectKind::Index | ObjectKind::Constraint)
                && !is_foreign_key(object)
                && !is_exclusion_from_above(object)
                && !reconciliation.create.contains(above)
            {
                self.run(part, [attach_index(above, part)]);
            }
        }
    }

    /// Whether it is the clone of a trigger, and had a state of its own, or a name of its constraint: it comes in the state of the
    /// one above, and its constraint is called like it.
    pub(super) fn is_clone_in_another_state(&self, key: &ObjectKey) -> bool {
        match self.reconciliation.then.objects.get(key).map(|object| &object.definition) {
            Some(Definition::Trigger(Trigger { enabled, parent: Some(above), constraint, .. })) => {
                self.state_of_clone(above) != *enabled || constraint.is_some()
            }
            _ => false,
        }
    }

    pub(super) fn write_clone(&mut self, key: &ObjectKey) {
        let Some(then) = self.reconciliation.then.objects.get(key).map(|object| &object.definition) else { return };
        if let Definition::Trigger(trigger) = then
            && let Some(above) = &trigger.parent
        {
            let came = Trigger {
                enabled: self.state_of_clone(above),
                constraint: None,
                constraint_comment: None,
                ..trigger.clone()
            };
            self.run(key, trigger.from(&came, key));
        }
    }

    /// The state in which a clone came: a trigger that is made is enabled; one that stands has cloned the state that it has.
    fn state_of_clone(&self, above: &ObjectKey) -> char {
        let reconciliation = self.reconciliation;
        match reconciliation.now.objects.get(above).map(|object| &object.definition) {
            _ if self.is_cloned_itself(above) => self.state_of_clone(&self.cloned_from(above)),
            Some(Definition::Trigger(Trigger { enabled, .. })) if !reconciliation.create.contains(above) => *enabled,
            _ => 'O',
        }
    }

    fn is_cloned_itself(&self, key: &ObjectKey) -> bool {
        self.reconciliation.create.contains(key) && self.cloned_from(key) != *key
    }

    fn cloned_from(&self, key: &ObjectKey) -> ObjectKey {
        self.reconciliation.then.objects.get(key).and_then(parent).unwrap_or(key).clone()
    }
}
