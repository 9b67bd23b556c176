//! The query of a plan that says whether a step outside a transaction has been applied.

use tokio_postgres::Client;

use crate::{
    machine::Failure,
    postgres::{error_class, search_path::PlanPath},
};

/// Whether a step has been applied, as its probe answers; none where that is no single boolean.
pub(super) async fn ask(client: &Client, path: &PlanPath, probe: &str) -> Result<Option<bool>, Failure> {
    let failed = |error| error_class::failure("backstop::run::probe_failed", &error);
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY").await.map_err(failed)?;
    let answer = path.during(client, client.query(probe, &[]), |error| error).await;
    // Whatever the probe did, nothing of it stays; a lost connection shows in the answer.
    let _ = client.batch_execute("ROLLBACK").await;
    let rows = answer.map_err(failed)?;
    match rows.as_slice() {
        [row] if row.len() == 1 => row.try_get(0).map_err(failed),
        _ => Ok(None),
    }
}
