//! The checks of a phase, asked at one moment.

use tokio_postgres::Client;

use super::evaluate::evaluate;
use crate::{
    machine::{CheckPhase, CheckResult, Failure},
    plan::{Check, Plan, Rendered},
    postgres::{
        error_class,
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
        transaction::roll_back,
    },
};

/// Evaluates the before- or the after-checks, and asks the `unchanged` ones, in a transaction of its own that only reads.
///
/// # Errors
/// As [`phase_in`].
pub async fn phase(client: &Client, plan: &Plan<Rendered>, which: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
    let begin = client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
    begin.map_err(|error| error_class::failure("backstop::check::not_evaluated", &error))?;
    let results = phase_in(client, plan, which).await;
    roll_back(client).await;
    results
}

/// The same in the open transaction.
///
/// # Errors
/// When the connection is lost or the settings can't be made; a check that can't be evaluated is a result.
pub async fn phase_in(client: &Client, plan: &Plan<Rendered>, which: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
    SessionSettings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Transaction).await?;
    let own: Vec<&Check<Rendered>> = match which {
        CheckPhase::Before => plan.checks.before.iter().collect(),
        CheckPhase::After => plan.checks.after.iter().collect(),
        CheckPhase::Unchanged | CheckPhase::Step => Vec::new(),
    };
    let unchanged: Vec<&Check<Rendered>> = plan.checks.unchanged.iter().collect();
    let path = PlanPath::of(&plan.session);
    let mut results = evaluate(client, &path, &own, which).await?;
    results.extend(evaluate(client, &path, &unchanged, CheckPhase::Unchanged).await?);
    Ok(results)
}
