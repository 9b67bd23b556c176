//! Phases of checks, in the executor.

use super::open::{PlanTransaction, PostgresExecutor};
use crate::{
    machine::{CheckPhase, CheckResult, Failure},
    plan::{Plan, Rendered, Writers},
    postgres::check::{phase, phase_in},
};

impl PostgresExecutor {
    pub(super) async fn checks(&mut self, plan: &Plan<Rendered>, which: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
        self.ensure().await?;
        let client = self.work.client();
        let work = async {
            match self.transaction {
                PlanTransaction::Open => phase_in(client, plan, which).await,
                PlanTransaction::Closed => phase(client, plan, which).await,
            }
        };
        let watch = self.watch(plan.session.lock_timeout);
        let (results, _) = self.opening.interruption.guard(&self.work.connection.cancel(), watch.during(work)).await;
        match self.opening.interruption.failure() {
            Some(interrupted) => Err(interrupted),
            None => results,
        }
    }

    /// The answers of the `unchanged` checks now that nobody else writes: what others wrote between the first asking and the
    /// fence is no change of the run's. Nothing where they may go on.
    pub(super) async fn unchanged_by_others(&self, plan: &Plan<Rendered>) -> Result<Vec<CheckResult>, Failure> {
        let client = self.work.client();
        let asking = async {
            match (self.transaction, plan.backup.writers) {
                _ if plan.checks.unchanged.is_empty() => Ok(Vec::new()),
                (PlanTransaction::Open, _) => phase_in(client, plan, CheckPhase::Unchanged).await,
                (PlanTransaction::Closed, Writers::Block) => phase(client, plan, CheckPhase::Unchanged).await,
                (PlanTransaction::Closed, Writers::Detect | Writers::Capture | Writers::Allow) => Ok(Vec::new()),
            }
        };
        let answers = self.opening.interruption.guard(&self.work.connection.cancel(), asking).await;
        let answers = answers.map_err(|failure| self.or_interrupted(failure))?;
        let failed: Vec<&str> = answers.iter().filter(|check| check.blocks()).map(|check| check.id.as_str()).collect();
        if failed.is_empty() {
            return Ok(answers);
        }
        let message = format!("checks could not be asked again behind the fence: {}", failed.join(", "));
        let detail: Vec<&str> = answers.iter().filter(|check| check.blocks()).map(|check| check.message.as_str()).collect();
        Err(Failure::permanent("backstop::run::check_failed", message).detail(detail.join("\n")))
    }
}
