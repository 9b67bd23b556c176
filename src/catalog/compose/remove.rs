//! Before anything is made: what is taken off, and what is dropped, each before what it stands in the way of.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    composer::{Composer, ScriptSteps, add},
    step::ScriptStep,
};
use crate::{
    catalog::{
        hierarchy::{self, is_index, is_replica_identity, parent, table_pair},
        kind::{ObjectKey, ObjectKeys, ObjectKind},
        kinds::{Definition, DropOrder, Table, drop_not_null, rule_state, set_default},
        object::Object,
        order::Dependencies,
        scope::holder,
        snapshot::Snapshot,
        statement::{self, ObjectPair},
    },
    sql::quote::ident,
};

impl Composer<'_, '_> {
    /// Takes off defaults, ownership of sequences, forced row security, triggers and marks that would be in the way, drops what
    /// has to go, and empties what is filled again.
    pub(super) fn removals(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        self.take_apart(steps);
        for table in &reconciliation.reload {
            add(steps, ScriptStep::DisableTriggers(table.clone()), []);
            add(steps, ScriptStep::Empty(table.clone()), []);
        }
        for (table, column) in &reconciliation.dropped_defaults {
            add(steps, ScriptStep::DropDefault(table.clone(), column.clone()), []);
        }
        let moved = reconciliation.alter.iter().filter(|key| self.changes_owner_table(key));
        for sequence in reconciliation.released.iter().chain(moved) {
            add(steps, ScriptStep::Disown(sequence.clone()), []);
        }
        for key in &reconciliation.alter {
            add(steps, ScriptStep::AlterBeforeDrops(key.clone()), []);
        }
        self.drop(steps);
        // Rows come without the columns that were added, which may not take that.
        for (key, then, now) in reconciliation.altered() {
            let added = table_pair(then, now).map(|(then, now)| then.added_columns(now));
            for column in added.unwrap_or_default() {
                add(steps, ScriptStep::DropColumn(key.clone(), column), []);
            }
        }
        for (table, columns) in self.marks_to_drop() {
            self.drop_marks(&table, columns, steps);
        }
    }

    /// The columns of tables that stay whose not-null marks must go before rows come, or for another mark.
    fn marks_to_drop(&self) -> BTreeMap<ObjectKey, BTreeSet<String>> {
        let reconciliation = self.reconciliation;
        let mut marks: BTreeMap<ObjectKey, BTreeSet<String>> = BTreeMap::new();
        for table in &reconciliation.reload {
            let columns = reconciliation.unvalidated_not_nulls(table).into_iter().map(|(column, _)| column.to_owned());
            marks.entry(table.clone()).or_default().extend(columns);
        }
        for (key, then, now) in reconciliation.altered() {
            marks
                .entry(key.clone())
                .or_default()
                .extend(table_pair(then, now).map(|(then, now)| then.dropped_marks(now)).unwrap_or_default());
        }
        // What was from above alone is its own when it is detached.
        for (key, then, now) in self.trees.ties.iter().filter_map(|key| self.standing_table(key)) {
            let from_above = then.unvalidated_marks().filter(|(_, mark)| mark.is_unvalidated_from_above());
            let has = |name: &str| now.columns.iter().any(|column| column.name == name && column.not_null.is_some());
            let columns = from_above.map(|(column, _)| column.to_owned()).filter(|column| has(column));
            marks.entry(key.clone()).or_default().extend(columns);
        }
        marks.retain(|_, columns| !columns.is_empty());
        marks
    }

    /// A table that stays, as it was and as it is.
    fn standing_table<'k>(&self, key: &'k ObjectKey) -> Option<(&'k ObjectKey, &Table, &Table)> {
        let reconciliation = self.reconciliation;
        if reconciliation.create.contains(key) {
            return None;
        }
        let then = reconciliation.then.objects.get(key).and_then(hierarchy::table)?;
        Some((key, then, reconciliation.now.objects.get(key).and_then(hierarchy::table)?))
    }

    /// A key, an identity and an index that is the replica identity each hold a mark: they go first.
    fn drop_marks(&self, table: &ObjectKey, columns: BTreeSet<String>, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        let parts = || reconciliation.hierarchy_now.parts.get(table).into_iter().flatten();
        let mut needs: BTreeSet<ScriptStep> = parts().map(|part| ScriptStep::Drop(part.clone())).collect();
        needs.insert(ScriptStep::AlterBeforeDrops(table.clone()));
        if parts().any(|part| self.is_standing_identity(part)) {
            add(steps, ScriptStep::DropReplicaIdentity(table.clone()), []);
            add(
                steps,
                ScriptStep::SetReplicaIdentity(table.clone()),
                [ScriptStep::Load(table.clone()), ScriptStep::Shape(table.clone())],
            );
            needs.insert(ScriptStep::DropReplicaIdentity(table.clone()));
        }
        for column in columns {
            add(steps, ScriptStep::DropNotNull(table.clone(), column), needs.clone());
        }
    }

    /// The marks of a table that go.
    pub(super) fn dropped_marks(table: &ObjectKey, steps: &ScriptSteps) -> BTreeSet<ScriptStep> {
        let first = ScriptStep::DropNotNull(table.clone(), String::new());
        let of_table = |step: &ScriptStep| matches!(step, ScriptStep::DropNotNull(of, _) if of == table);
        steps.range(first..).map(|(step, _)| step).take_while(|step| of_table(step)).cloned().collect()
    }

    /// Whether it is the index that is its table's replica identity now, and stays.
    fn is_standing_identity(&self, part: &ObjectKey) -> bool {
        let object = self.reconciliation.now.objects.get(part).filter(|_| !self.is_going(part));
        object.is_some_and(|object| is_index(object) && is_replica_identity(object))
    }

    /// A table that is filled while it stands fires no triggers or rules, and hides no rows from its owner.
    pub(super) fn write_disable_triggers(&mut self, table: &ObjectKey) {
        let Some(object) = self.reconciliation.now.objects.get(table) else { return };
        let Definition::Table(facts) = &object.definition else { return };
        let name = object.definition.title(table);
        if facts.force_row_security {
            self.run(table, [format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")]);
        }
        if self.reconciliation.firing(ObjectKind::Trigger, table).next().is_some() {
            self.run(table, [format!("ALTER TABLE ONLY {name} DISABLE TRIGGER USER")]);
        }
        for (rule, _) in self.reconciliation.firing(ObjectKind::Rule, table) {
            self.run(rule, [rule_state(rule, 'D')]);
        }
    }

    pub(super) fn write_drop_default(&mut self, table: &ObjectKey, column: &str) {
        if self.reconciliation.now.objects.contains_key(table) {
            self.run(table, [set_default(table, column, None)]);
        }
    }

    pub(super) fn write_disown(&mut self, sequence: &ObjectKey) {
        if let Some(object) = self.reconciliation.now.objects.get(sequence)
            && object.definition.owner_column().is_some()
        {
            let name = object.definition.title(sequence);
            self.run(sequence, [format!("ALTER SEQUENCE {name} OWNED BY NONE")]);
        }
    }

    pub(super) fn write_alter_before_drops(&mut self, key: &ObjectKey) {
        if let (Some(then), Some(now)) =
            (self.reconciliation.then.objects.get(key), self.reconciliation.now.objects.get(key))
        {
            let statements = then.definition.before(&now.definition, self.changing(ObjectPair { key, then, now }));
            self.run(key, statements);
        }
    }

    /// Nothing is updated or deleted meanwhile, so that FULL asks for nothing.
    pub(super) fn write_drop_replica_identity(&mut self, table: &ObjectKey) {
        let name = crate::sql::quote::qualified(&table.schema, &table.name);
        self.run(table, [format!("ALTER TABLE {name} REPLICA IDENTITY FULL")]);
    }

    pub(super) fn write_drop_not_null(&mut self, table: &ObjectKey, column: &str) {
        self.run(table, [drop_not_null(table, column)]);
    }

    /// Empties a table that stays and is filled again.
    pub(super) fn write_empty(&mut self, table: &ObjectKey) {
        if let Some(object) = self.reconciliation.now.objects.get(table) {
            let name = object.definition.title(table);
            self.run(table, [format!("TRUNCATE TABLE ONLY {name}")]);
        }
    }

    /// Whether the sequence, which stays, belongs to another table's column now than then.
    pub(super) fn changes_owner_table(&self, key: &ObjectKey) -> bool {
        let owner = |object: Option<&Object>| {
            let definition = &object?.definition;
            definition.owner_column().cloned().filter(|_| !definition.is_of_identity())
        };
        owner(self.reconciliation.then.objects.get(key)) != owner(self.reconciliation.now.objects.get(key))
    }

    /// Drops, dependents first.
    fn drop(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        let dropped: ObjectKeys = reconciliation
            .drop
            .iter()
            .cloned()
            .chain(reconciliation.gone.iter().filter(|part| self.must_go_first(part) || self.stands_alone(part)).cloned())
            .filter(|key| !self.is_identity_now(key) && !self.is_dropped_early(key) && self.goes_with_another(key).is_none())
            .collect();
        for key in &dropped {
            let step = ScriptStep::Drop(key.clone());
            let dropped = reconciliation.now.objects.get(key).map_or(DropOrder::Rest, |object| object.definition.dropped());
            let rank = step.dropped(dropped);
            steps.insert(step, Dependencies::new(rank, BTreeSet::new()));
        }
        for key in reconciliation.drop.iter().chain(&reconciliation.gone) {
            let Some(object) = reconciliation.now.objects.get(key).filter(|_| !self.is_dropped_early(key)) else { continue };
            let node = self.dropped_with(key, &dropped);
            // What is attached goes with what it is attached to, or its table is detached by then.
            for need in object.depends_on.iter().filter(|need| parent(object) != Some(*need)) {
                let need = self.dropped_with(need, &dropped);
                if need != node
                    && dropped.contains(&node)
                    && let Some(place) = steps.get_mut(&ScriptStep::Drop(need))
                {
                    place.needs.insert(ScriptStep::Drop(node.clone()));
                }
            }
        }
    }

    pub(super) fn write_drop(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        if let Some(object) = reconciliation.now.objects.get(key) {
            let is_range = matches!(&object.definition, Definition::Range(_));
            let takes = is_range && reconciliation.drop.iter().any(|other| self.goes_with_range(other) == Some(key));
            let cascade = if takes { " CASCADE" } else { "" };
            self.run(key, statement::drop(key, object, reconciliation.now).into_iter().map(|sql| sql + cascade));
        }
    }

    /// A part of a dropped table that needs something else that is dropped: it has a statement of its own, so that tables
    /// which need each other through their parts can be dropped at all.
    fn must_go_first(&self, part: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.now.objects.get(part) else { return false };
        let own = holder(part, object, reconciliation.now);
        let has_drop = [
            ObjectKind::Constraint,
            ObjectKind::Policy,
            ObjectKind::Trigger,
            ObjectKind::Index,
            ObjectKind::Rule,
            ObjectKind::Statistics,
        ];
        has_drop.contains(&part.kind)
            && !self.goes_along(part)
            && object.depends_on.iter().any(|need| {
                let of = reconciliation.now.objects.get(need).and_then(|object| holder(need, object, reconciliation.now));
                Some(need) != own.as_ref()
                    && of != own
                    && (reconciliation.drop.contains(need) || reconciliation.gone.contains(need))
            })
    }

    /// The object whose DROP takes this one along: its own, or its table's.
    fn dropped_with(&self, key: &ObjectKey, dropped: &ObjectKeys) -> ObjectKey {
        if dropped.contains(key) {
            return key.clone();
        }
        if let Some(other) = self.goes_with_another(key) {
            return other.clone();
        }
        let reconciliation = self.reconciliation;
        reconciliation
            .now
            .objects
            .get(key)
            .and_then(|object| holder(key, object, reconciliation.now))
            .unwrap_or_else(|| key.clone())
    }

    /// The range type that the function makes canonical. Each needs the other, so that neither can be dropped alone: the function goes with
    /// the type, by CASCADE, when everything else that is known to need them is gone.
    fn goes_with_range(&self, key: &ObjectKey) -> Option<&ObjectKey> {
        let reconciliation = self.reconciliation;
        reconciliation
            .drop
            .get(key)
            .and_then(|key| canonical_of(reconciliation.now, key))
            .filter(|range| reconciliation.drop.contains(*range))
    }

    /// The object without which this one can't be dropped, and whose DROP takes it along.
    fn goes_with_another(&self, key: &ObjectKey) -> Option<&ObjectKey> {
        self.goes_with_range(key).or_else(|| self.goes_with_family(key))
    }

    /// The operator family that holds an operator class, and needs it as long as it does. The server drops them together.
    fn goes_with_family(&self, key: &ObjectKey) -> Option<&ObjectKey> {
        let reconciliation = self.reconciliation;
        let class = reconciliation
            .now
            .objects
            .get(key)
            .filter(|_| key.kind == ObjectKind::Other && key.schema == "operator class")?;
        let is_family = |need: &&ObjectKey| need.kind == ObjectKind::Other && need.schema == "operator family";
        class.depends_on.iter().filter(is_family).find(|family| reconciliation.drop.contains(*family))
    }

    /// Identity sequences have no DROP of their own.
    fn is_identity_now(&self, key: &ObjectKey) -> bool {
        let object = self.reconciliation.now.objects.get(key);
        object.is_some_and(|object| object.definition.is_of_identity())
    }
}

/// The range type whose CANONICAL function this is.
pub(super) fn canonical_of<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a ObjectKey> {
    let function = snapshot.objects.get(key).filter(|_| key.kind == ObjectKind::Function)?;
    function.depends_on.iter().find(|need| {
        let is_range = |definition: &Definition| matches!(definition, Definition::Range(range) if range.canonical.is_some());
        snapshot.objects.get(*need).is_some_and(|object| is_range(&object.definition) && object.depends_on.contains(key))
    })
}

/// `"table"."column"`, as OWNED BY takes it.
pub(super) fn owned_by(table: &ObjectKey, column: &str) -> String {
    format!("{}.{}", crate::sql::quote::qualified(&table.schema, &table.name), ident(column))
}
