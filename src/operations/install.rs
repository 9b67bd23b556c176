//! A plan's checks, backups and the way back for psql.

use super::{
    database::DatabaseAccess,
    problem::{OperationProblem, ProblemKind},
    run_context::RunOptions,
    run_lock::Lock,
    watcher::Watcher,
};
use crate::{
    postgres::{preflight, psql_api},
    render::ResolvedPlan,
    sql::quote::ident,
};

/// A plan that is registered for psql.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The schema of its backups, where the functions are, as SQL spells it.
    pub schema: String,
    /// How many tables its backup holds.
    pub tables: usize,
}

/// Registers a plan for psql, and installs the functions in the schema of its backups.
///
/// # Errors
/// What keeps it from being registered.
pub async fn install(
    database: &DatabaseAccess,
    options: &RunOptions,
    plan: &ResolvedPlan,
    watcher: &mut dyn Watcher,
) -> Result<Installed, OperationProblem> {
    let lock = Lock::take(database, options, watcher).await?;
    let (shown, plan) = (plan.shown(), plan.plan());
    preflight::refuse_unmappable(lock.client(), plan.name.as_str(), shown).await.map_err(OperationProblem::unreadable)?;
    let targets = preflight::targets(lock.client(), plan).await;
    let tables = targets.map_err(|found| OperationProblem::failures(ProblemKind::Aborted, found))?;
    psql_api::register(lock.client(), plan, &tables).await.map_err(OperationProblem::unreadable)?;
    lock.release().await;
    Ok(Installed { schema: ident(plan.backup.schema.sent()), tables: tables.len() })
}
