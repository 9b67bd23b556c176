//! What is going on in a database, and which plans are applied to it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    applied_plans::{self, PlanStatus, PlanStatuses},
    configuration::Configuration,
    database::DatabaseAccess,
    database_target::DatabaseTarget,
    plan_files::{self, PlanFile},
    problem::OperationProblem,
    resolve_plans::VariableValues,
    runs::{ReplayedRun, read},
    watcher::Watcher,
};
use crate::{
    load::PlanFormat,
    plan::PlanName,
    postgres::{
        journal::{self, Application},
        lock,
    },
};

pub use crate::postgres::{
    journal::{Applied, RestoredExcept},
    lock::RunLockHolder,
};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// What is going on in a database.
pub struct Status {
    /// Whoever holds the run lock.
    pub holder: Option<RunLockHolder>,
    /// The runs that have not ended.
    pub unfinished: Vec<Unfinished>,
    /// The plans that are applied.
    pub applied: Vec<Applied>,
    /// The runs that were restored but for differences, as long as their plan has no later run.
    pub restored_except: Vec<RestoredExcept>,
}

/// A run that has not ended.
pub struct Unfinished {
    /// Its events, replayed.
    pub found: ReplayedRun,
    /// Whether somebody drives it now.
    pub is_running: bool,
    /// Who has paused it, if somebody has.
    pub paused_by: Option<String>,
}

/// Says who holds the lock, which runs have not ended, and which plans are applied.
///
/// # Errors
/// What keeps the journal from being read.
pub async fn status(database: &DatabaseAccess) -> Result<Status, OperationProblem> {
    let connection = database.connect().await?;
    let client = &connection.client;
    let holder = lock::holder(client).await.map_err(OperationProblem::unreadable)?;
    let mut unfinished = Vec::new();
    for summary in journal::unfinished_runs(client).await.map_err(OperationProblem::unreadable)? {
        let is_running = holder.as_ref().and_then(|h| h.run.as_ref()).is_some_and(|(run, _)| *run == summary.run);
        let paused_by = journal::paused(client, summary.run).await.map_err(OperationProblem::unreadable)?;
        unfinished.push(Unfinished { found: read(client, summary).await?, is_running, paused_by });
    }
    let applied = journal::applied(client).await.map_err(OperationProblem::unreadable)?;
    let restored_except = journal::restored_except(client).await.map_err(OperationProblem::unreadable)?;
    Ok(Status { holder, unfinished, applied, restored_except })
}

/// Plans whose state is asked for.
pub struct ToLookFor {
    names: Vec<PlanName>,
    plans: Vec<PlanFile>,
}

impl ToLookFor {
    /// Plan files, folders with plans, and names of plans: what is no path is a name, where it can be one. Where nothing is given, the
    /// repository's plans.
    ///
    /// # Errors
    /// What can't be read, and all mistakes of the first plan that has some.
    pub fn read(
        configuration: &Configuration,
        given: &[String],
        values: &VariableValues,
        watcher: &mut dyn Watcher,
    ) -> Result<Self, OperationProblem> {
        let (names, files) = told_apart(given);
        let plans = match (files.as_slice(), names.as_slice()) {
            ([], [_, ..]) => Vec::new(),
            (files, _) => plan_files::read(configuration, files, values, watcher)?,
        };
        Ok(ToLookFor { names, plans })
    }
}

/// How plans stand.
pub struct PlanStates {
    /// Plans of files.
    pub files: Vec<PlanStatus>,
    /// Plans that were named.
    pub named: Vec<Named>,
    /// What plans require that is neither among them nor applied: the plan, and what it requires.
    pub missing: Vec<(String, String)>,
}

/// A plan that was named, whatever its content.
pub struct Named {
    /// As it was asked for; no file need have it.
    pub name: String,
    /// Whether a run of it has not ended.
    pub is_unfinished: bool,
    /// Its last application, if there is one.
    pub applied: Option<Application>,
}

impl PlanStates {
    /// How many of them are not applied as they are.
    pub fn waiting(&self) -> usize {
        let files = self.files.iter().filter(|plan| !plan.state.is_applied());
        let named = self.named.iter().filter(|plan| plan.is_unfinished || plan.applied.is_none());
        files.count() + named.count() + self.missing.len()
    }
}

/// Says how plans stand. Where a time is given, they are waited for until all are applied, also for a database that can't be reached yet.
///
/// # Errors
/// What keeps the journal from being read at the end of that time.
pub async fn plan_states(
    configuration: &Configuration,
    target: &DatabaseTarget,
    wanted: &ToLookFor,
    wait: Option<Duration>,
    watcher: &mut dyn Watcher,
) -> Result<PlanStates, OperationProblem> {
    let deadline = wait.map(|wait| Instant::now() + wait);
    loop {
        let looked = once(configuration, target, wanted, watcher).await;
        let is_good = looked.as_ref().is_ok_and(|plan_states| plan_states.waiting() == 0);
        match deadline {
            Some(deadline) if !is_good && Instant::now() + PAUSE < deadline => sleep(PAUSE).await,
            _ => return looked,
        }
    }
}

fn told_apart(given: &[String]) -> (Vec<PlanName>, Vec<PathBuf>) {
    let (mut names, mut files) = (Vec::new(), Vec::new());
    for text in given {
        let path = Path::new(text);
        match PlanName::parse(text) {
            Ok(name) if !path.exists() && PlanFormat::of_path(path).is_none() => names.push(name),
            _ => files.push(path.to_owned()),
        }
    }
    (names, files)
}

async fn once(
    configuration: &Configuration,
    target: &DatabaseTarget,
    wanted: &ToLookFor,
    watcher: &mut dyn Watcher,
) -> Result<PlanStates, OperationProblem> {
    let database = DatabaseAccess::open(configuration, target, watcher).await?;
    let connection = database.connect().await?;
    let PlanStatuses { plans, missing } = applied_plans::look(&connection.client, wanted.plans.clone()).await?;
    let names: Vec<&str> = wanted.names.iter().map(PlanName::as_str).collect();
    let plan_states = journal::plan_states(&connection.client, &names).await.map_err(OperationProblem::unreadable)?;
    let named = plan_states.into_iter().map(|(name, state)| Named {
        name,
        is_unfinished: state.unfinished.is_some(),
        applied: state.applied,
    });
    Ok(PlanStates { files: plans, named: named.collect(), missing })
}
