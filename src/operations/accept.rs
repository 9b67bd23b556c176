//! A held run ends, and the database stays as it stands.

use super::{
    problem::OperationProblem,
    run_context::{RunContext, RunTarget},
    runs::{one, plan_name, read, sequences, unfinished},
    watcher::{RunLeft, Watcher},
};

/// Ends a run that waits for a decision: that whose id begins like this, or the only one. The journal keeps the reason.
///
/// # Errors
/// Where there is no such run, or it does not wait.
pub async fn accept(
    context: &RunContext<'_>,
    run: Option<&str>,
    reason: &str,
    watcher: &mut dyn Watcher,
) -> Result<RunLeft, OperationProblem> {
    let connection = context.connected(watcher).await?;
    let found = match run {
        Some(id) => Some(one(&connection.client, Some(id)).await?),
        None => unfinished(&connection.client).await?,
    };
    let Some(found) = found else {
        let help = "`backstop history` lists the runs.";
        return Err(OperationProblem::usage("backstop::cli::no_run", "no run waits for a decision", help));
    };
    let (run, plan) = (found.summary.run, plan_name(&found.run.plan)?);
    let mut executor = context.open(&RunTarget::without_plan(&plan, run, sequences(&found.events)), watcher).await?;
    let found = read(&executor.session().client, found.summary).await?;
    context.drive(run, &mut executor, watcher, async |driver| driver.accept(reason, found.events).await).await
}
