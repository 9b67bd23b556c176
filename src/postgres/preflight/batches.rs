//! Whether steps in batches can be held back as they want, and what is worth saying of their keys.

use tokio_postgres::{Client, Error};

use super::findings::PreflightFindings;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered},
    postgres::{
        search_path::PlanPath,
        step::{Key, hidden},
    },
};

pub(super) async fn look(client: &Client, plan: &Plan<Rendered>, findings: &mut PreflightFindings) -> Result<(), Error> {
    const MAY_SEE: &str = "SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')";
    for step in &plan.steps {
        let Some(batch) = &step.batch else { continue };
        if batch.max_lag.is_some() && !client.query_one(MAY_SEE, &[]).await?.try_get::<_, bool>(0)? {
            let hidden = hidden();
            findings.failures.push(Failure { message: format!("step {}: {}", step.id, hidden.message), ..hidden });
        }
        // A step before this one may make the table, or its index.
        if let Err(failure) = Key::find(client, &PlanPath::of(&plan.session), batch).await
            && failure.sqlstate.is_none()
        {
            findings.warnings.push(format!("step {}: {} so far", step.id, failure.message));
        }
    }
    Ok(())
}
