//! What changed of the structure that plans rely on: since the newest backup as far as no run did it, or since a saved plan.

use std::path::Path;

use tokio_postgres::Client;

use super::super::{
    files::FileAccess,
    plan_scope,
    problem::{OperationProblem, ProblemKind},
    saved_file,
    saved_plan_match::identity,
};
use crate::{
    catalog::{Change, ChangeKind, ObjectKey, Snapshot},
    machine::Failure,
    plan::{Plan, Rendered},
    postgres::{drift, dry_run::Moment},
    render::ResolvedPlan,
    report::dry_run::{DriftAuthors, DriftForecast},
    saved::{Changes, SavedPlanContent},
};

/// What the structure is compared with.
pub enum DriftBaseline {
    /// With that of the newest backup; with nothing where there is none.
    LastBackup,
    /// With that of a saved plan.
    Saved(Box<SavedPlanContent>),
}

impl DriftBaseline {
    /// A saved plan's file, or where none is named the newest backup.
    ///
    /// # Errors
    /// Why the file can't be read.
    pub fn read(files: &FileAccess, file: Option<&Path>) -> Result<Self, OperationProblem> {
        Ok(match file {
            None => DriftBaseline::LastBackup,
            Some(file) => DriftBaseline::Saved(Box::new(saved_file::read(files, file)?.content)),
        })
    }
}

/// What changed of the structure, by what it is compared with.
pub(super) enum Drifted {
    /// There is nothing to compare with.
    Unknown,
    /// Since a backup.
    Backup(drift::Drift),
    /// Since a saved plan.
    Saved { content: Box<SavedPlanContent>, changes: Vec<Change> },
}

impl Drifted {
    /// Compares the structure as it is now.
    pub async fn look(
        client: &Client,
        moment: &Moment,
        now: &Snapshot,
        plans: &[&ResolvedPlan],
        since: DriftBaseline,
    ) -> Result<Self, OperationProblem> {
        match since {
            DriftBaseline::LastBackup => {
                let found = drift::since_last_backup(client, now).await.ok().flatten();
                Ok(found.map_or(Drifted::Unknown, Drifted::Backup))
            }
            DriftBaseline::Saved(content) => of_saved(content, moment, now, plans),
        }
    }

    /// The changes that concern a plan: of objects that it relies on now, or relied on then. None for a plan that the saved one
    /// doesn't hold.
    pub fn of(&self, now: &Snapshot, plan: &ResolvedPlan) -> Option<DriftForecast> {
        let scope = plan_scope::of_plans(now, &[plan.plan()]);
        match self {
            Drifted::Unknown => None,
            Drifted::Backup(drift) => {
                let then = plan_scope::of_plans(&drift.then, &[plan.plan()]);
                let concerns = |object: &ObjectKey| scope.objects.contains_key(object) || then.objects.contains_key(object);
                Some(DriftForecast {
                    since: format!("backup {}", drift.backup),
                    whose: DriftAuthors::Others,
                    changes: drift.changes.iter().filter(|change| concerns(&change.object)).cloned().collect(),
                })
            }
            Drifted::Saved { content, changes } => {
                let planned = content.plans.iter().find(|planned| planned.name == plan.plan().name.as_str())?;
                // A plan that was changed since may rely on more than it did: what only now is looked at isn't new.
                let is_same = planned.fingerprint == plan.fingerprint();
                let concerns = |change: &&Change| match change.how {
                    ChangeKind::Added => is_same && scope.objects.contains_key(&change.object),
                    ChangeKind::Removed => is_same,
                    ChangeKind::Changed => scope.objects.contains_key(&change.object),
                };
                Some(DriftForecast {
                    since: format!("saved plan {} of {}", content.id, content.made_at),
                    whose: DriftAuthors::Anybody,
                    changes: changes.iter().filter(concerns).cloned().collect(),
                })
            }
        }
    }
}

fn of_saved(
    content: Box<SavedPlanContent>,
    moment: &Moment,
    now: &Snapshot,
    plans: &[&ResolvedPlan],
) -> Result<Drifted, OperationProblem> {
    let here = identity(moment);
    if !content.database.may_be(&here) {
        let message = format!("the saved plan was made for {}, and this is {here}", content.database);
        let failure = Failure::permanent("backstop::saved::another_database", message)
            .hint("Give the database that it was made for, or leave `--since` out.");
        return Err(OperationProblem::failure(ProblemKind::Invalid, failure));
    }
    let is_in_it = |plan: &&&ResolvedPlan| content.plans.iter().any(|planned| planned.name == plan.plan().name.as_str());
    let of_it: Vec<&Plan<Rendered>> = plans.iter().filter(is_in_it).map(|plan| plan.plan()).collect();
    let changes = match content.structure.changes(&plan_scope::of_plans(now, &of_it)) {
        Changes::None => Vec::new(),
        Changes::Told(changes) => changes,
        Changes::Untold => {
            let message =
                "the structure changed since the saved plan was made, and this version of the program can't say how";
            let failure = Failure::permanent("backstop::saved::unreadable_structure", message)
                .hint("Forecaster with the program's version that made it, which `backstop approve FILE` names.");
            return Err(OperationProblem::failure(ProblemKind::Invalid, failure));
        }
    };
    Ok(Drifted::Saved { content, changes })
}
