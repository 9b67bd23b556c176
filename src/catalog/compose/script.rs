//! The order of a way back.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    composer::{Composer, ScriptSteps, add},
    step::ScriptStep,
    trees::Trees,
};
use crate::catalog::{
    body_references::BodyReferences,
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{Definition, drop_column},
    order,
    reconciliation::Reconciliation,
    script::{Action, Scope, Script, Unrestorable},
    snapshot::Snapshot,
};

/// The way from `now` back to `then`, within the scope: what the run changed, the covered tables, and what depends on those.
/// Differences that others made elsewhere are left alone.
///
/// Every change is a step of its own, and comes after what it needs of the others: that something is there, or that it is gone.
/// Where that leaves a choice, the order is: take off what is in the way, drop (dependents first, never with CASCADE), empty,
/// make, load, index and constrain, change back what stayed, grant, comment, fill materialized views, set positions. It is to be
/// run in one transaction, after `SET CONSTRAINTS ALL IMMEDIATE`, with an empty `search_path` and `check_function_bodies = off`.
/// Positions that may not move backwards must be read before it, for the sequences of identity columns may be dropped with their
/// tables.
///
/// # Errors
/// Everything that stands in the way of a full restore; then there is no script at all.
pub fn script(then: &Snapshot, now: &Snapshot, scope: &Scope) -> Result<Script, Vec<Unrestorable>> {
    script_remaking(then, now, scope, &BTreeSet::new())
}

/// The same way, on which these objects are dropped and made again even where nothing demands it.
///
/// # Errors
/// As [`script`].
pub fn script_remaking(
    then: &Snapshot,
    now: &Snapshot,
    scope: &Scope,
    remade: &BTreeSet<ObjectKey>,
) -> Result<Script, Vec<Unrestorable>> {
    compose(&Reconciliation::find(then, now, scope, remade)?)
}

/// What could not be brought back if every one of these tables were dropped or changed beyond repair: to be said before
/// anything is.
pub fn obstacles(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> Vec<Unrestorable> {
    worst_case(then, covered).err().unwrap_or_default()
}

/// The script that would bring these tables back if every one of them were lost with all that depends on it.
///
/// # Errors
/// As [`obstacles`] has it.
pub fn worst_case(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> Result<Script, Vec<Unrestorable>> {
    let scope = Scope { covered: covered.clone(), ..Scope::default() };
    compose(&Reconciliation::find(then, then, &scope, covered)?)
}

fn compose(reconciliation: &Reconciliation<'_>) -> Result<Script, Vec<Unrestorable>> {
    let mut composer = Composer {
        reconciliation,
        actions: Vec::new(),
        trees: Trees::of(reconciliation),
        named: BodyReferences::in_functions(reconciliation.then),
        row_security: false,
    };
    let order = order::sort(&composer.steps()).map_err(|circle| {
        let objects: BTreeSet<ObjectKey> = circle.iter().map(|step| step.object().clone()).collect();
        in_a_circle(&objects)
    })?;
    let last = order.last().cloned();
    for step in &order {
        composer.write(step);
    }
    if let Some(step) = last {
        composer.set_row_security(step.object(), false);
    }
    let was_there = |key: &&ObjectKey| reconciliation.then.objects.contains_key(*key);
    Ok(Script {
        actions: composer.actions,
        recreated: reconciliation
            .create
            .iter()
            .chain(&reconciliation.alter)
            .chain(reconciliation.dropped_defaults.iter().map(|(table, _)| table))
            .cloned()
            .collect(),
        dropped_tables: reconciliation
            .drop
            .iter()
            .filter(|key| key.kind == ObjectKind::Table && !was_there(key))
            .cloned()
            .collect(),
        in_scope: reconciliation.in_scope.clone(),
        left_out: reconciliation.left_out.clone(),
        left_alone: reconciliation.left_alone.clone(),
    })
}

/// Things that can be neither first nor last.
fn in_a_circle(circle: &ObjectKeys) -> Vec<Unrestorable> {
    let names: BTreeMap<&ObjectKey, String> = circle.iter().map(|key| (key, key.to_string())).collect();
    names
        .iter()
        .map(|(key, name)| {
            let others: Vec<&str> = names.values().filter(|other| *other != name).map(String::as_str).collect();
            Unrestorable {
                object: (*key).clone(),
                why: format!("needs itself in a circle, by way of {}", others.join(", ")),
                needs_copy: false,
            }
        })
        .collect()
}

impl Composer<'_, '_> {
    fn steps(&self) -> ScriptSteps {
        let mut steps = ScriptSteps::new();
        self.removals(&mut steps);
        self.make(&mut steps);
        self.change_back(&mut steps);
        self.persist(&mut steps);
        self.give_back(&mut steps);
        self.refresh(&mut steps);
        self.positions(&mut steps);
        self.wish(&mut steps);
        steps
    }

    fn write(&mut self, step: &ScriptStep) {
        if !matches!(step, ScriptStep::Refresh(_)) {
            self.set_row_security(step.object(), false);
        }
        match step {
            ScriptStep::DropForeignKey(key) | ScriptStep::Drop(key) => self.write_drop(key),
            ScriptStep::Detach(table) => self.write_detach(table),
            ScriptStep::DisableTriggers(table) => self.write_disable_triggers(table),
            ScriptStep::DropDefault(table, column) => self.write_drop_default(table, column),
            ScriptStep::Disown(sequence) => self.write_disown(sequence),
            ScriptStep::AlterBeforeDrops(key) => self.write_alter_before_drops(key),
            ScriptStep::DropReplicaIdentity(table) => self.write_drop_replica_identity(table),
            ScriptStep::DropNotNull(table, column) => self.write_drop_not_null(table, column),
            ScriptStep::DropColumn(table, column) => self.run(table, [drop_column(table, column)]),
            ScriptStep::Empty(table) => self.write_empty(table),
            ScriptStep::Make(key) => self.write_make(key),
            ScriptStep::SetDefaults(table) => self.write_defaults(table),
            ScriptStep::Load(table) => self.actions.push(Action::Load(table.clone())),
            ScriptStep::Shape(table) => self.write_shape(table),
            ScriptStep::Attach(table) => self.write_attach(table),
            ScriptStep::SetReplicaIdentity(table) => self.write_replica_identity(table),
            ScriptStep::Finish(key) => self.write_finish(key),
            ScriptStep::Alter(key) => self.write_alter(key),
            ScriptStep::Own(sequence) => self.write_own(sequence),
            ScriptStep::EnableTriggers(table) => self.write_enable_triggers(table),
            ScriptStep::SetClone(trigger) => self.write_clone(trigger),
            ScriptStep::Persist(sequence) => self.write_persistence(sequence),
            ScriptStep::Grant(key) => self.write_grant(key),
            ScriptStep::Describe(key) => {
                self.write_comments(key);
                self.write_labels(key);
                self.write_companions(key);
            }
            ScriptStep::Refresh(view) => self.write_refresh(view),
            ScriptStep::Unfill(view) => self.write_unfill(view),
            ScriptStep::Position(sequence) => self.actions.push(Action::Position(sequence.clone())),
        }
    }

    /// Where covered tables' and remade sequences stand, and those that get other bounds.
    fn positions(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        let covered = |table: &ObjectKey| reconciliation.covers(table);
        let mut sequences: BTreeSet<ObjectKey> = BTreeSet::new();
        for (key, object) in &reconciliation.then.objects {
            if let Definition::Sequence(sequence) = &object.definition
                && (reconciliation.create.contains(key)
                    || self.counts_otherwise(key)
                    || sequence.owned_by.as_ref().is_some_and(|(table, _)| covered(table)))
            {
                sequences.insert(key.clone());
            }
            if covered(key) {
                let needs = object.definition.default_needs();
                sequences.extend(needs.filter(|need| need.kind == ObjectKind::Sequence).cloned());
            }
        }
        for sequence in sequences {
            add(steps, ScriptStep::Position(sequence.clone()), [ScriptStep::Alter(sequence)]);
        }
    }
}
