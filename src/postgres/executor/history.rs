//! What earlier effects of the run mean for later ones: its backup, and what its steps made.

use std::collections::BTreeSet;

use super::open::PostgresExecutor;
use crate::{
    catalog::{
        Change, ChangeKind, ObjectKey, ObjectKind, OthersPlace, OthersWork, Scope, Snapshot, Unrestorable, WithOthers,
        materialized_over, script, script_remaking, with_others,
    },
    drive::manifest::{Manifest, TableCopy},
    machine::{Event, Failure, RunStarted, uncovered_writes},
    plan::{Plan, Rendered},
    postgres::{
        backup,
        coverage::Permission,
        error_class, journal,
        lock_slots::{LockNeed, LockSlots},
        relation::Relations,
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
    },
};

/// What a step needs to know of the run so far.
pub(super) struct RunHistory {
    pub(super) permission: Permission,
    pub(super) covered: BTreeSet<ObjectKey>,
    pub(super) changes: Vec<Change>,
    pub(super) slots: LockSlots,
}

impl PostgresExecutor {
    /// Reads the journal; the manifest only once, because it is large.
    pub(super) async fn history(&mut self, plan: &Plan<Rendered>) -> Result<RunHistory, Failure> {
        let mut changes = Vec::new();
        let mut backup = None;
        for event in self.own_events().await? {
            match event {
                Event::BackupCompleted(completed) => backup = Some(completed.backup),
                Event::StepCommitted(committed) => changes.extend(committed.changes),
                _ => {}
            }
        }
        let Some(backup) = backup else { return Err(no_backup()) };
        self.read_manifest(&backup).await?;
        let manifest = self.manifest()?;
        let covered: BTreeSet<ObjectKey> = manifest.tables.iter().map(TableCopy::key).collect();
        let off_limits = vec!["backstop".to_owned(), manifest.schema.clone()];
        let mut titles: BTreeSet<String> = manifest.tables.iter().map(TableCopy::title).collect();
        // What can be filled again needs no copy.
        let views = materialized_over(&manifest.snapshot, &covered);
        titles.extend(views.iter().map(|view| format!("{}.{}", view.schema, view.name)));
        titles.extend(made(&changes));
        let allowed = self.allowed(plan).await?;
        let slots = LockSlots::read(self.work.client()).await;
        let slots = slots.map_err(|error| error_class::failure("backstop::run::no_session", &error))?;
        Ok(RunHistory { permission: Permission { covered: titles, allowed, off_limits }, covered, changes, slots })
    }

    /// Everything that the journal holds of this run.
    pub(super) async fn own_events(&self) -> Result<Vec<Event>, Failure> {
        let journal = journal::read(self.work.client(), self.claim.run, 1).await?;
        Ok(journal.into_iter().map(|recorded| recorded.event).collect())
    }

    /// Reads a backup's manifest, unless it is the one that was read last.
    pub(super) async fn read_manifest(&mut self, id: &str) -> Result<(), Failure> {
        if self.backup.as_ref().is_none_or(|known| known.id != id) {
            self.backup = Some(backup::read(&*self.opening.backups, self.work.client(), id).await?);
        }
        Ok(())
    }

    /// The manifest that was read last.
    pub(super) fn manifest(&self) -> Result<&Manifest, Failure> {
        self.backup.as_ref().ok_or_else(no_backup)
    }

    /// The tables of `allow_uncovered` that exist now.
    async fn allowed(&self, plan: &Plan<Rendered>) -> Result<BTreeSet<u32>, Failure> {
        if plan.backup.allow_uncovered.is_empty() {
            return Ok(BTreeSet::new());
        }
        SessionSettings::of_plan(&plan.name, &plan.session).apply(self.work.client(), Lifetime::Session).await?;
        let relations = Relations::read(self.work.client(), &PlanPath::of(&plan.session))
            .await
            .map_err(|error| error_class::failure("backstop::run::coverage_unknown", &error))?;
        let named = plan.backup.allow_uncovered.iter().filter_map(|name| relations.find(name.sent()).ok());
        Ok(named.flatten().map(|relation| relation.oid).collect())
    }
}

/// The only tables that a run brings back, by its first event; none where it brings all of them back.
pub(super) fn tables_to_restore(events: &[Event]) -> Vec<String> {
    match events.first() {
        Some(Event::RunStarted(RunStarted { restores: Some(restores), .. })) => restores.tables.clone(),
        _ => Vec::new(),
    }
}

/// Tables that steps wrote to and that this backup does not bring back.
pub(super) fn kept(events: &[Event], manifest: &Manifest) -> Vec<String> {
    let covered: BTreeSet<String> = manifest.tables.iter().map(TableCopy::title).collect();
    uncovered_writes(events).difference(&covered).cloned().collect()
}

impl RunHistory {
    /// What a restore would fill or make again of what the run has changed, with these changes on top; or why that could not be.
    /// Nothing of that is the run's fault where what others made stands in the way, or the last step changed nothing.
    pub(super) fn way_back(
        &self,
        then: &Snapshot,
        now: &Snapshot,
        changes: &[Change],
    ) -> Result<BTreeSet<ObjectKey>, Vec<Unrestorable>> {
        let own: Vec<Change> = self.changes.iter().chain(changes).cloned().collect();
        let scope = Scope {
            covered: self.covered.clone(),
            changed: own.iter().map(|change| change.object.clone()).collect(),
            reload: self.covered.clone(),
        };
        let WithOthers { then: with, remade, .. } =
            with_others(then, now, &scope, OthersWork::AllBut(&own), OthersPlace::Kept);
        let recreated = match script_remaking(&with, now, &scope, &remade) {
            Ok(script) => script.recreated,
            Err(problems) => {
                let is_own = |problem: &Unrestorable| {
                    then.objects.contains_key(&problem.object) || scope.changed.contains(&problem.object)
                };
                let problems: Vec<Unrestorable> = problems.into_iter().filter(is_own).collect();
                if changes.is_empty() || problems.is_empty() {
                    return Ok(self.covered.clone());
                }
                return Err(problems);
            }
        };
        self.locks_suffice(&with, now, scope)?;
        Ok(recreated.into_iter().chain(self.covered.iter().cloned()).collect())
    }

    /// Whether the server has room for the locks that it takes to make anew what was changed.
    fn locks_suffice(&self, then: &Snapshot, now: &Snapshot, scope: Scope) -> Result<(), Vec<Unrestorable>> {
        let of_covered = |key: &&ObjectKey| {
            matches!(key.kind, ObjectKind::Index | ObjectKind::Constraint)
                && then
                    .objects
                    .get(*key)
                    .is_some_and(|object| object.depends_on.iter().any(|need| self.covered.contains(need)))
        };
        let need =
            LockNeed { tables: self.covered.len() as u64, indexes: then.objects.keys().filter(of_covered).count() as u64 };
        if need.everything() <= self.slots.all() {
            return Ok(());
        }
        let anew = script(then, now, &Scope { reload: BTreeSet::new(), ..scope })?.recreated;
        let (tables, others): (Vec<&ObjectKey>, Vec<&ObjectKey>) =
            anew.iter().partition(|key| key.kind == ObjectKind::Table);
        let locks = need.comparison() + LockNeed::anew(tables.len() as u64, others.len() as u64);
        match tables.first() {
            Some(table) if locks > self.slots.all() => {
                let (room, setting) = (self.slots.all(), self.slots.per_process_for(locks));
                let why = format!(
                    "{} tables would have to be made anew, which takes {locks} locks at once, and the server has room for {room} \
                     (max_locks_per_transaction = {setting} makes more)",
                    tables.len()
                );
                Err(vec![Unrestorable { object: (*table).clone(), why, needs_copy: false }])
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The tables and materialized views that the steps made and that are still there under that name.
fn made(changes: &[Change]) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    let holds_rows = |change: &&Change| matches!(change.object.kind, ObjectKind::Table | ObjectKind::MaterializedView);
    for change in changes.iter().filter(holds_rows) {
        let title = format!("{}.{}", change.object.schema, change.object.name);
        match change.how {
            ChangeKind::Added => made.insert(title),
            ChangeKind::Removed => made.remove(&title),
            ChangeKind::Changed => false,
        };
    }
    made
}

pub(super) fn no_backup() -> Failure {
    Failure::permanent("backstop::run::no_backup", "the journal knows of no complete backup of this run")
        .hint("Nothing was changed: no step runs without a backup.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_steps_made_may_be_written_until_it_is_gone() {
        let change = |how, name: &str| Change { how, object: ObjectKey::table("public", name), what: Vec::new() };
        let changes = [
            change(ChangeKind::Added, "a"),
            change(ChangeKind::Added, "b"),
            change(ChangeKind::Changed, "c"),
            change(ChangeKind::Removed, "a"),
        ];
        assert_eq!(made(&changes), BTreeSet::from(["public.b".to_owned()]));
    }
}
