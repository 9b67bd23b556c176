//! A dry run.

use std::path::PathBuf;

use super::{
    super::{
        configuration::Configuration,
        database::DatabaseAccess,
        plan_files,
        problem::OperationProblem,
        resolve_plans::{Sourced, VariableValues, read_ordered, resolve_sourced},
        selection::{Selection, select},
        watcher::Watcher,
    },
    drift::DriftBaseline,
    forecast::{Forecasted, Forecaster},
};
use crate::{
    catalog::Snapshot,
    postgres::dry_run::{self, Moment},
    report::dry_run::Forecast,
};

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct DryRunOptions {
    /// Plan files and folders with plans; the repository's plans where none is named.
    pub plans: Vec<PathBuf>,
    /// Which of them.
    pub selection: Selection,
    /// Values of their variables.
    pub values: VariableValues,
}

/// What plans would meet, and all that this was seen of.
pub struct DryRun {
    /// For people and programs.
    pub forecast: Forecast,
    pub(super) sourced: Vec<Sourced>,
    pub(super) structure: Snapshot,
    pub(super) moment: Moment,
}

/// Reads the plans that are to be looked at, in the order in which they would run.
///
/// # Errors
/// What can't be read, and all mistakes of the first plan that has some.
pub fn plans_to_look_at(
    configuration: &Configuration,
    wanted: &DryRunOptions,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Sourced>, OperationProblem> {
    let paths = plan_files::collect(configuration, &wanted.plans, watcher)?;
    let sourced = resolve_sourced(configuration, &read_ordered(configuration.files(), &paths)?, &wanted.values)?;
    select(&wanted.selection, sourced, |plan| plan.resolved.plan().name.as_str())
}

/// Says what `apply` would do now, and changes nothing. `since` is what the structure is compared with.
///
/// # Errors
/// What keeps it from being looked at; what stands in the way of a plan is none.
pub async fn dry_run(
    database: &DatabaseAccess,
    sourced: Vec<Sourced>,
    since: DriftBaseline,
) -> Result<DryRun, OperationProblem> {
    let connection = dry_run::connect(database.options()).await?;
    let look = Forecaster::new(&connection.client, database.options().to_string()).await?;
    let Forecasted { dry_run, structure } = look.at(&sourced, since).await?;
    Ok(DryRun { forecast: dry_run, sourced, structure, moment: look.moment })
}
