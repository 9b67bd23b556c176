//! Saved plans: written by a dry run, and applied exactly as they were saved, or not at all.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    apply::{Beforehand, PlanOutcome, not_begun, outcome_of},
    approve::refuse_too_few,
    configuration::Configuration,
    interruption::unless_stopped,
    plan_files,
    problem::OperationProblem,
    resolve_plans::{Sourced, VariableValues, read_ordered, resolve_sourced},
    run_context::RunContext,
    saved_file,
    saved_plan_match::{VerifiedSavedPlan, applied, here, refuse},
    watcher::Watcher,
};
use crate::{
    load::PlanFormat,
    machine::SavedPlanUsed,
    postgres::{dry_run, journal},
    saved::{SavedPlan, looks_saved, of_nothing_pending, of_sources},
};

/// Most bytes that are looked at to know whether a file is a saved plan.
const BEGINNING_BYTES: u64 = 4096;

/// The saved plan among files; none where they are plans.
///
/// # Errors
/// Where others stand beside it.
pub fn named(plans: &[PathBuf]) -> Result<Option<&Path>, OperationProblem> {
    let saved: Vec<&PathBuf> = plans.iter().filter(|path| is_saved(path)).collect();
    match (saved.as_slice(), plans) {
        ([], _) => Ok(None),
        ([one], [_]) => Ok(Some(one)),
        _ => Err(OperationProblem::usage(
            "backstop::cli::saved_with_others",
            "a saved plan is applied by itself, and other files are named beside it",
            "Apply one after the other.",
        )),
    }
}

/// Whether a file that is no plan by its name begins like a saved plan.
fn is_saved(path: &Path) -> bool {
    if PlanFormat::of_path(path).is_some() {
        return false;
    }
    let mut beginning = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BEGINNING_BYTES).read_to_end(&mut beginning));
    read.is_ok() && looks_saved(&beginning)
}

/// A saved plan that enough have approved, with the sources that it was made of.
pub struct ToApply {
    saved: SavedPlan,
    sourced: Vec<Sourced>,
    approved_by: Vec<String>,
}

impl ToApply {
    /// Reads a saved plan and what it was made of.
    ///
    /// # Errors
    /// Where too few have approved it, and each difference between what was saved and what is there.
    pub fn read(
        configuration: &Configuration,
        file: &Path,
        values: &VariableValues,
        watcher: &mut dyn Watcher,
    ) -> Result<Self, OperationProblem> {
        let saved = saved_file::read(configuration.files(), file)?;
        let approved = refuse_too_few(&saved, &configuration.approval_policy()?)?;
        let configuration = configuration.or_in(saved.content.environment.as_deref());
        let sourced = match saved.content.plans.is_empty() {
            true => nothing_new(&saved, &configuration, values, watcher)?,
            false => sources(&saved, &configuration, values)?,
        };
        Ok(ToApply { saved, sourced, approved_by: approved.by.into_iter().collect() })
    }

    /// The environment that it was saved for.
    pub fn environment(&self) -> Option<&str> {
        self.saved.content.environment.as_deref()
    }

    /// UUID, by which the journal knows that it was used.
    pub fn id(&self) -> &str {
        &self.saved.content.id
    }

    /// Applies it. Nothing is given back where nothing was pending when it was saved, and nothing is.
    ///
    /// # Errors
    /// Each difference between what was saved and the database. Nothing was changed.
    pub async fn apply(
        &self,
        context: &RunContext<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<PlanOutcome>, OperationProblem> {
        unless_stopped(context.interruption, self.look(context, watcher)).await?;
        let content = &self.saved.content;
        if content.plans.is_empty() {
            return Ok(Vec::new());
        }
        let used = SavedPlanUsed {
            id: content.id.clone(),
            digest: self.saved.digest.clone(),
            approved_by: self.approved_by.clone(),
        };
        let mut outcomes = not_begun(self.sourced.iter().map(|one| &one.resolved));
        let mut runs: Vec<Uuid> = Vec::new();
        for (one, outcome) in self.sourced.iter().zip(&mut outcomes) {
            let run = Uuid::now_v7();
            let beforehand = Beforehand { used: Some(&used), saved: Some(self.checked()), runs: &runs };
            outcome.outcome = outcome_of(context.begin(&one.resolved, run, &beforehand, watcher).await);
            if !outcome.outcome.is_done() {
                break;
            }
            runs.push(run);
        }
        Ok(outcomes)
    }

    /// Nothing is written to a database that is not the one that was meant, so that this look can't write.
    async fn look(&self, context: &RunContext<'_>, watcher: &mut dyn Watcher) -> Result<(), OperationProblem> {
        // Where the server is not there yet, the run waits for it.
        drop(context.database.connect_within(context.options.reconnect, watcher).await?);
        let connection = dry_run::connect(context.database.options()).await?;
        self.checked().refuse(&connection.client, &[]).await?;
        match self.saved.content.plans.is_empty() {
            true => refuse(unapplied(&connection.client, &self.sourced).await?),
            false => Ok(()),
        }
    }

    fn checked(&self) -> VerifiedSavedPlan<'_> {
        VerifiedSavedPlan { saved: &self.saved, sourced: &self.sourced }
    }
}

/// The plans that were applied already when it was saved, where they are what they were and no other is beside them.
fn nothing_new(
    saved: &SavedPlan,
    configuration: &Configuration,
    values: &VariableValues,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Sourced>, OperationProblem> {
    let Some(then) = &saved.content.nothing_pending else {
        refuse(vec!["it does not say which plans were looked at when nothing was pending".to_owned()])?;
        return Ok(Vec::new());
    };
    let named: Vec<PathBuf> = then.named.iter().map(PathBuf::from).collect();
    let found = read_ordered(configuration.files(), &plan_files::collect(configuration, &named, watcher)?)?;
    let sourced = resolve_sourced(configuration, &found, &recorded(&then.values_files, values))?;
    refuse(of_nothing_pending(then, &sourced.iter().map(applied).collect::<Vec<_>>())).map(|()| sourced)
}

/// Plans that are not applied there any more, or with other content.
async fn unapplied(client: &Client, sourced: &[Sourced]) -> Result<Vec<String>, OperationProblem> {
    let mut differences = Vec::new();
    for one in sourced {
        let plan = one.resolved.plan();
        let applied = journal::applied_plan(client, &plan.name).await.map_err(OperationProblem::unreadable)?;
        if applied.is_none_or(|applied| applied.fingerprint != one.resolved.fingerprint()) {
            differences.push(format!("plan {} is not applied to this database", plan.name));
        }
    }
    Ok(differences)
}

/// The given values; where no file with values is given, those that were recorded.
fn recorded(files: &[String], given: &VariableValues) -> VariableValues {
    match given.files.is_empty() {
        true => VariableValues { files: files.iter().map(PathBuf::from).collect(), ..given.clone() },
        false => given.clone(),
    }
}

/// The plans that it names, as they are here, where they are what was saved.
fn sources(
    saved: &SavedPlan,
    configuration: &Configuration,
    values: &VariableValues,
) -> Result<Vec<Sourced>, OperationProblem> {
    let plans = &saved.content.plans;
    let values_files = plans.first().map(|plan| plan.values_files.as_slice()).unwrap_or_default();
    let given = recorded(values_files, values);
    let paths: Vec<PathBuf> = plans.iter().map(|plan| PathBuf::from(&plan.path)).collect();
    let sourced = resolve_sourced(configuration, &read_ordered(configuration.files(), &paths)?, &given)?;
    let mut differences = Vec::new();
    for plan in plans {
        match sourced.iter().find(|sourced| sourced.path == plan.path) {
            Some(sourced) => differences.extend(of_sources(plan, &here(sourced, &plan.values_files))),
            None => differences.push(format!("plan {}: {} is not there", plan.name, plan.path)),
        }
    }
    refuse(differences).map(|()| sourced)
}
