//! Phases of checks, in the world.

use super::open::{PlanTransaction, PostgresWorld};
use crate::{
    machine::{CheckPhase, CheckResult, Failure},
    plan::{Plan, Rendered},
    postgres::check::{phase, phase_in},
};

impl PostgresWorld {
    pub(super) async fn checks(&mut self, plan: &Plan<Rendered>, which: CheckPhase) -> Result<Vec<CheckResult>, Failure> {
        self.ensure().await?;
        let client = &self.work.client;
        let work = async {
            match self.transaction {
                PlanTransaction::Open => phase_in(client, plan, which).await,
                PlanTransaction::Closed => phase(client, plan, which).await,
            }
        };
        let watch = self.watch(plan.session.lock_timeout);
        let (results, _) = self.opening.interruption.guard(&self.work.cancel(), watch.during(work)).await;
        match self.opening.interruption.failure() {
            Some(interrupted) => Err(interrupted),
            None => results,
        }
    }
}
