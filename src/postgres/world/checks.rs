//! Phases of checks.

use tokio_postgres::Client;

use super::open::{PlanTransaction, PostgresWorld};
use crate::{
    machine::{CheckPhase, CheckResult, Failure},
    plan::{Check, Plan, Rendered},
    postgres::{
        check::evaluate,
        fault,
        session::{Lifetime, Settings},
    },
};

/// Evaluates the checks of one phase and the `unchanged` ones at one moment, in a transaction of its own that only reads, or
/// in the plan's one. Can be asked of any session, without a run.
///
/// # Errors
/// When the connection is lost or the settings can't be made.
async fn phase(
    client: &Client,
    plan: &Plan<Rendered>,
    transaction: PlanTransaction,
    phase: CheckPhase,
) -> Result<Vec<CheckResult>, Failure> {
    let failed = |error| fault::failure("backstop::check::not_evaluated", &error);
    if transaction == PlanTransaction::Closed {
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)?;
    }
    let results = in_transaction(client, plan, phase).await;
    if transaction == PlanTransaction::Closed {
        // Checks change nothing; a lost connection shows in the results.
        let _ = client.batch_execute("ROLLBACK").await;
    }
    results
}

async fn in_transaction(client: &Client, plan: &Plan<Rendered>, phase: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
    Settings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Transaction).await?;
    let own = if phase == CheckPhase::Before { &plan.checks.before } else { &plan.checks.after };
    let mut results = evaluate(client, &own.iter().collect::<Vec<&Check<Rendered>>>(), phase).await?;
    let unchanged: Vec<&Check<Rendered>> = plan.checks.unchanged.iter().collect();
    results.extend(evaluate(client, &unchanged, CheckPhase::Unchanged).await?);
    Ok(results)
}

impl PostgresWorld {
    pub(super) async fn checks(&mut self, plan: &Plan<Rendered>, which: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
        self.ensure().await?;
        let work = phase(&self.work.client, plan, self.transaction, which);
        let watch = self.watch(plan.session.lock_timeout);
        let (results, _) = self.opening.interruption.guard(&self.work.cancel(), watch.during(work)).await;
        match self.opening.interruption.failure() {
            Some(interrupted) => Err(interrupted),
            None => results,
        }
    }
}
