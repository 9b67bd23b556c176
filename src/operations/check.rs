//! One phase of plans' checks is asked, and nothing is changed.

use std::path::PathBuf;

use super::{
    configuration::Configuration,
    database::DatabaseAccess,
    plan_files,
    problem::OperationProblem,
    resolve_plans::{VariableValues, read_ordered, resolve_all},
    selection::{Selection, select},
    watcher::Watcher,
};
use crate::{
    load::Loaded,
    machine::{CheckPhase, ChecksEvaluated},
    postgres,
    render::ResolvedPlan,
};

/// A plan whose checks are asked.
pub struct ToCheck {
    path: PathBuf,
    loaded: Loaded,
    resolved: ResolvedPlan,
}

/// A plan's answers.
pub struct PlanCheckResults {
    /// The plan's file.
    pub path: PathBuf,
    /// The plan as it is written.
    pub loaded: Loaded,
    /// The answers, in the plan's order.
    pub evaluated: ChecksEvaluated,
}

impl PlanCheckResults {
    /// As its file has it.
    pub fn plan(&self) -> &str {
        self.loaded.plan.name.as_str()
    }
}

/// Reads the plans whose checks are to be asked, in the order in which they would run.
///
/// # Errors
/// What can't be read, and all mistakes of the first plan that has some.
pub fn plans_to_check(
    configuration: &Configuration,
    plans: &[PathBuf],
    selection: &Selection,
    values: &VariableValues,
    watcher: &mut dyn Watcher,
) -> Result<Vec<ToCheck>, OperationProblem> {
    let loaded = read_ordered(configuration.files(), &plan_files::collect(configuration, plans, watcher)?)?;
    let resolved = resolve_all(configuration, &loaded, values)?;
    let all = loaded.into_iter().zip(resolved).map(|((path, loaded), resolved)| ToCheck { path, loaded, resolved });
    select(selection, all.collect(), |plan| plan.resolved.plan().name.as_str())
}

/// Asks one phase of their checks, each plan's in a read-only transaction of its own.
///
/// # Errors
/// What keeps them from being asked.
pub async fn check(
    database: &DatabaseAccess,
    plans: Vec<ToCheck>,
    phase: CheckPhase,
) -> Result<Vec<PlanCheckResults>, OperationProblem> {
    let connection = database.connect().await?;
    let mut checked = Vec::new();
    for ToCheck { path, loaded, resolved } in plans {
        let results = postgres::check::phase(&connection.client, resolved.plan(), phase).await;
        let results = results.map_err(OperationProblem::unreadable)?;
        checked.push(PlanCheckResults { path, loaded, evaluated: ChecksEvaluated { results } });
    }
    Ok(checked)
}
