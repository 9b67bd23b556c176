//! The order of a way back.

use std::collections::BTreeSet;

use super::trees::Trees;
use crate::catalog::{
    kind::{Kind, ObjectKey},
    object::Definition,
    route::Route,
    script::{Action, Scope, Script, Unrestorable},
    snapshot::Snapshot,
    statement::{self, Moments},
};

/// The way from `now` back to `then`, within the scope: what the run changed, the covered tables, and what depends on those.
/// Differences that others made elsewhere are left alone.
///
/// The order is: take off what is in the way, drop (dependents first, never with CASCADE), empty, make (needs first), load,
/// index and constrain, change back what stayed, grant, comment, fill materialized views, set positions. It is to be run in one transaction, after
/// `SET CONSTRAINTS ALL IMMEDIATE`, with an empty `search_path` and `check_function_bodies = off`. Positions that may not move
/// backwards must be read before it, for the sequences of identity columns may be dropped with their tables.
///
/// # Errors
/// Everything that stands in the way of a full restore; then there is no script at all.
pub fn script(then: &Snapshot, now: &Snapshot, scope: &Scope) -> Result<Script, Vec<Unrestorable>> {
    compose(&Route::find(then, now, scope, &BTreeSet::new())?)
}

/// What could not be brought back if every one of these tables were dropped or changed beyond repair: to be said before
/// anything is.
pub fn rehearse(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> Vec<Unrestorable> {
    rehearsal(then, covered).err().unwrap_or_default()
}

/// The script that would bring these tables back if every one of them were lost with all that depends on it.
///
/// # Errors
/// As [`rehearse`] has it.
pub fn rehearsal(then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> Result<Script, Vec<Unrestorable>> {
    let scope = Scope { covered: covered.clone(), ..Scope::default() };
    compose(&Route::find(then, then, &scope, covered)?)
}

fn compose(route: &Route<'_>) -> Result<Script, Vec<Unrestorable>> {
    let mut composer = Composer { route, actions: Vec::new(), trees: Trees::of(route) };
    composer.take_apart();
    composer.take_off();
    composer.drop()?;
    composer.empty();
    composer.make()?;
    composer.change_back();
    composer.set_clones();
    composer.give_back();
    composer.refresh()?;
    composer.positions();
    let was_there = |key: &&ObjectKey| route.then.objects.contains_key(*key);
    Ok(Script {
        actions: composer.actions,
        recreated: route
            .create
            .iter()
            .chain(&route.alter)
            .chain(route.detached.iter().map(|(table, _)| table))
            .cloned()
            .collect(),
        dropped_tables: route.drop.iter().filter(|key| key.kind == Kind::Table && !was_there(key)).cloned().collect(),
        in_scope: route.in_scope.clone(),
        left_alone: route.left_alone.clone(),
    })
}

/// Actions in the making.
pub(super) struct Composer<'r, 'a> {
    pub(super) route: &'r Route<'a>,
    pub(super) actions: Vec<Action>,
    pub(super) trees: Trees,
}

impl Composer<'_, '_> {
    pub(super) fn run(&mut self, object: &ObjectKey, statements: impl IntoIterator<Item = String>) {
        self.actions.extend(statements.into_iter().map(|sql| Action::Sql { sql, object: object.clone() }));
    }

    pub(super) fn moments(&self) -> Moments<'_> {
        Moments { then: self.route.then, now: self.route.now }
    }

    /// Where covered tables' and remade sequences stand.
    fn positions(&mut self) {
        let route = self.route;
        let covered = |table: &ObjectKey| route.covers(table);
        let mut sequences: BTreeSet<ObjectKey> = BTreeSet::new();
        for (key, object) in &route.then.objects {
            match &object.definition {
                Definition::Sequence(sequence)
                    if route.create.contains(key) || sequence.owned_by.as_ref().is_some_and(|(table, _)| covered(table)) =>
                {
                    sequences.insert(key.clone());
                }
                Definition::Table(table) if covered(key) => {
                    let needs = table.columns.iter().flat_map(|column| &column.default_needs);
                    sequences.extend(needs.filter(|need| need.kind == Kind::Sequence).cloned());
                }
                _ => {}
            }
        }
        self.actions.extend(sequences.into_iter().map(Action::Position));
    }

    /// Empties the tables that stay and are filled again.
    fn empty(&mut self) {
        for table in self.route.reload.clone() {
            if let Some(object) = self.route.now.objects.get(&table) {
                let name = statement::title(&table, &object.definition);
                self.run(&table, [format!("TRUNCATE TABLE ONLY {name}")]);
            }
        }
    }
}
