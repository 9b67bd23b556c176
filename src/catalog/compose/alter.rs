//! After everything stands and the rows are there: what stayed is changed back, then privileges and comments.

use std::collections::BTreeSet;

use super::{
    composer::{Composer, ScriptSteps, add},
    remove::owned_by,
    step::ScriptStep,
};
use crate::catalog::{
    hierarchy::{is_replica_identity, table_pair},
    kind::{ObjectKey, ObjectKind},
    kinds::{ColumnFacts, Definition, rule_state, set_not_null, system_columns, trigger_state},
    object::Object,
    order::Dependencies,
    privilege::Grant,
    statement::{self, ObjectPair, Slate},
};

impl Composer<'_, '_> {
    pub(super) fn change_back(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        for key in &reconciliation.create {
            add(steps, ScriptStep::Finish(key.clone()), [ScriptStep::Make(key.clone()), ScriptStep::Load(key.clone())]);
        }
        for key in &reconciliation.alter {
            add(
                steps,
                ScriptStep::Alter(key.clone()),
                [ScriptStep::Make(key.clone()), ScriptStep::Load(key.clone()), ScriptStep::Shape(key.clone())],
            );
        }
        for key in reconciliation.then.objects.keys().filter(|key| self.is_free(key)) {
            add(steps, ScriptStep::Own(key.clone()), [ScriptStep::Make(key.clone()), ScriptStep::Alter(key.clone())]);
        }
        for table in &reconciliation.reload {
            add(steps, ScriptStep::EnableTriggers(table.clone()), [ScriptStep::Load(table.clone())]);
        }
        for key in reconciliation.create.iter().filter(|key| self.is_clone_in_another_state(key)) {
            add(steps, ScriptStep::SetClone(key.clone()), []);
        }
    }

    pub(super) fn write_alter(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        if let (Some(then), Some(now)) = (reconciliation.then.objects.get(key), reconciliation.now.objects.get(key)) {
            let pair = ObjectPair { key, then, now };
            let statements = if reconciliation.is_reshaped(key) {
                table_pair(then, now).map(|(then, now)| then.change_rest(now, self.changing(pair))).unwrap_or_default()
            } else {
                then.definition.after(&now.definition, self.changing(pair))
            };
            self.run(key, statements);
            self.change_owner(key, then, now);
        }
    }

    /// What a new table or domain could not have before its rows.
    pub(super) fn write_finish(&mut self, key: &ObjectKey) {
        let Some(object) = self.reconciliation.then.objects.get(key) else { return };
        if let Definition::Table(table) = &object.definition {
            self.run(key, table.finish(key));
        }
        if let Definition::Domain(domain) = &object.definition {
            self.run(key, domain.finish(key));
        }
    }

    /// A sequence that a table owns follows the table's owner and takes no other, unless it was set free.
    fn change_owner(&mut self, key: &ObjectKey, then: &Object, now: &Object) {
        let follows = now.definition.owner_column().is_some()
            && !self.reconciliation.released.contains(key)
            && !self.changes_owner_table(key);
        if then.owner != now.owner && !follows {
            self.run(key, statement::owner(key, then));
        }
    }

    /// Whether it is a sequence that a column is to own, and that none owns at the moment.
    fn is_free(&self, key: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let is_owned = |object: &Object| {
            let definition = &object.definition;
            !definition.is_of_identity() && definition.owner_column().is_some()
        };
        reconciliation.then.objects.get(key).is_some_and(is_owned)
            && (reconciliation.create.contains(key)
                || reconciliation.released.contains(key)
                || (reconciliation.alter.contains(key) && self.changes_owner_table(key)))
    }

    pub(super) fn write_own(&mut self, key: &ObjectKey) {
        let Some(object) = self.reconciliation.then.objects.get(key) else { return };
        if let Some((table, column)) = object.definition.owner_column() {
            let name = object.definition.title(key);
            self.run(key, [format!("ALTER SEQUENCE {name} OWNED BY {}", owned_by(table, column))]);
        }
    }

    /// Whether it is a sequence that stays, and counts otherwise now than then: it stands by the old rules where it may.
    pub(super) fn counts_otherwise(&self, key: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let facts = |object: Option<&Object>| {
            if let Definition::Sequence(sequence) = &object?.definition { Some(sequence.options()) } else { None }
        };
        reconciliation.alter.contains(key)
            && facts(reconciliation.then.objects.get(key)) != facts(reconciliation.now.objects.get(key))
    }

    /// Names the index again that is the replica identity of a table then as now, but was not for a while.
    pub(super) fn write_replica_identity(&mut self, table: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let parts = reconciliation.hierarchy_then.parts.get(table).into_iter().flatten();
        let is_it = |part: &&ObjectKey| {
            let is_identity = |object: &Object| is_replica_identity(object);
            !reconciliation.create.contains(*part) && reconciliation.then.objects.get(*part).is_some_and(is_identity)
        };
        if let Some(index) = parts.into_iter().find(is_it) {
            let name = crate::sql::quote::qualified(&table.schema, &table.name);
            let index = crate::sql::quote::ident(&index.name);
            self.run(table, [format!("ALTER TABLE {name} REPLICA IDENTITY USING INDEX {index}")]);
        }
    }

    /// Gives a table that was filled while it stood its row security and the states of its triggers and rules back.
    pub(super) fn write_enable_triggers(&mut self, table: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let (Some(then), Some(now)) = (reconciliation.then.objects.get(table), reconciliation.now.objects.get(table)) else {
            return;
        };
        if let (Definition::Table(before), Definition::Table(after)) = (&then.definition, &now.definition)
            && before.force_row_security
            && after.force_row_security
        {
            let name = then.definition.title(table);
            self.run(table, [format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY")]);
        }
        for (column, mark) in reconciliation.unvalidated_not_nulls(table) {
            let name = then.definition.title(table);
            self.run(table, [set_not_null(&name, column, mark)]);
            if let (Some(mark), Some(text)) = (&mark.name, &mark.comment) {
                let target = format!("CONSTRAINT {} ON {name}", crate::sql::quote::ident(mark));
                self.run(table, [statement::comment(&target, Some(text))]);
            }
        }
        for (key, enabled) in reconciliation.firing(ObjectKind::Trigger, table).filter(|(_, enabled)| *enabled != 'D') {
            self.run(key, [trigger_state(key, enabled)]);
        }
        for (key, enabled) in reconciliation.firing(ObjectKind::Rule, table).filter(|(_, enabled)| *enabled != 'D') {
            self.run(key, [rule_state(key, enabled)]);
        }
    }

    pub(super) fn give_back(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        for key in reconciliation.create.iter().chain(&reconciliation.alter) {
            // A grantor needs the schema before it can grant on what is in it.
            let grant = ScriptStep::Grant(key.clone());
            let rank = grant.within(u8::from(key.kind != ObjectKind::Schema));
            steps.insert(grant, Dependencies::new(rank, BTreeSet::from([ScriptStep::Make(key.clone())])));
            add(steps, ScriptStep::Describe(key.clone()), [ScriptStep::Make(key.clone())]);
        }
    }

    pub(super) fn write_grant(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let defaults: BTreeSet<String> =
            reconciliation.now.default_grantees.union(&reconciliation.then.default_grantees).cloned().collect();
        let Some(then) = reconciliation.then.objects.get(key) else { return };
        let statements = match reconciliation.now.objects.get(key) {
            Some(now) if reconciliation.alter.contains(key) => self.grants_of_standing(key, then, now),
            _ => statement::grants(key, then, Slate::Fresh(&defaults), reconciliation.now),
        };
        self.run(key, statements);
        let along = reconciliation.now.objects.get(key).filter(|_| reconciliation.alter.contains(key));
        let along = along.map_or(&[][..], |now| now.companions.as_slice());
        self.run(key, statement::companion_owners(&then.companions, along));
        if let Definition::Range(range) = &then.definition {
            let slate = match reconciliation.now.objects.get(key).filter(|_| reconciliation.alter.contains(key)) {
                Some(now) => Slate::Written(now),
                None => Slate::Fresh(&defaults),
            };
            self.run(key, statement::constructor_grants(range, slate, reconciliation.now));
        }
    }

    /// What came along with the object, as it was, and the extensions that it goes with.
    pub(super) fn write_companions(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(then) = reconciliation.then.objects.get(key) else { return };
        let now = reconciliation.now.objects.get(key).filter(|_| reconciliation.alter.contains(key));
        self.run(key, statement::companions(&then.companions, now.map_or(&[], |now| now.companions.as_slice())));
        // CREATE OR REPLACE lets go of every extension.
        let (none, stands) = (BTreeSet::new(), now.filter(|_| !self.is_replaced(key)));
        self.run(key, statement::extensions(key, then, stands.map_or(&none, |now| &now.extensions)));
    }

    /// Security labels that are not there, or not as they were.
    pub(super) fn write_labels(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(then) = reconciliation.then.objects.get(key) else { return };
        let now = reconciliation.now.objects.get(key).filter(|_| reconciliation.alter.contains(key));
        self.run(key, statement::labels(key, then, now.map_or(&[], |now| now.labels.as_slice())));
    }

    fn grants_of_standing(&self, key: &ObjectKey, then: &Object, now: &Object) -> Vec<String> {
        let owner = |object: &Object| object.owner.clone().unwrap_or_default();
        if then.grants != after_change_of_owner(&now.grants, &owner(now), &owner(then)) {
            return statement::grants(key, then, Slate::Written(now), self.reconciliation.now);
        }
        let facts =
            |object: &Object| -> Vec<ColumnFacts> { object.definition.column_facts().into_iter().cloned().collect() };
        let (before, after) = (facts(then), facts(now));
        let mut statements = Vec::new();
        let names = before.iter().map(|facts| &facts.column);
        let more = after.iter().map(|facts| &facts.column).filter(|name| before.iter().all(|facts| facts.column != **name));
        for name in names.chain(more) {
            let find = |all: &[ColumnFacts]| all.iter().find(|facts| facts.column == *name).cloned();
            let (wanted, has) = (find(&before), find(&after));
            let has = has.map(|facts| after_change_of_owner(&facts.grants, &owner(now), &owner(then))).unwrap_or_default();
            let wanted = wanted.unwrap_or_else(|| ColumnFacts { column: name.clone(), ..Default::default() });
            // A column that the run added is dropped with its privileges.
            if wanted.grants != has && self.has_column(key, name) {
                statements.extend(statement::column_grants(key, then, &wanted, &has));
            }
        }
        statements
    }

    fn has_column(&self, key: &ObjectKey, name: &str) -> bool {
        if system_columns().any(|column| column == name) {
            return true;
        }
        self.reconciliation.then.objects.get(key).is_some_and(|object| object.definition.has_column(name))
    }

    /// Sets the recorded comments, where they are not there, and takes others away. What a comment was on that is gone needs
    /// nothing.
    pub(super) fn write_comments(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(then) = reconciliation.then.objects.get(key) else { return };
        let has = match reconciliation.now.objects.get(key) {
            Some(now) if reconciliation.alter.contains(key) => statement::remarks(key, now),
            _ => Vec::new(),
        };
        let mut statements = Vec::new();
        for (target, wanted) in statement::remarks(key, then) {
            let has = has.iter().find(|(other, _)| *other == target).and_then(|(_, text)| text.clone());
            // A constraint within a table or domain that stayed may have been made anew, and lost its comment by that.
            let may_be_lost = target.starts_with("CONSTRAINT ") && wanted.is_some();
            if wanted != has || may_be_lost {
                statements.push(statement::comment(&target, wanted.as_deref()));
            }
        }
        self.run(key, statements);
    }
}

/// What ALTER … OWNER TO makes of privileges: the new owner takes the old one's place.
fn after_change_of_owner(grants: &[Grant], from: &str, to: &str) -> Vec<Grant> {
    let moved = |role: &str| if role == from { to.to_owned() } else { role.to_owned() };
    grants
        .iter()
        .map(|grant| Grant { grantee: grant.grantee.as_deref().map(moved), grantor: moved(&grant.grantor), ..grant.clone() })
        .collect()
}
