//! A step of which nobody knows whether it was applied: what can be seen of it, and what a person says.

use tokio_postgres::Client;

use super::{
    interruption::unless_stopped,
    problem::{OperationProblem, ProblemKind},
    run_context::{RunContext, RunTarget},
    runs::{ReplayedRun, one, plan_name, read, rendered, sequences},
    watcher::{RunLeft, Watcher},
};
use crate::{
    machine::{Cause, Failure, FailureClass, HeldAt, Settlement, State, StepSettled},
    plan::StepId,
    postgres::step::{Doubtful, Evidence, evidence},
};

/// A step that is in doubt.
pub struct Doubt {
    found: ReplayedRun,
    step: String,
    /// What can be seen of it.
    pub evidence: Evidence,
}

/// Looks at a step that the run is held for.
///
/// # Errors
/// Where there is no such run, or it is not held for this step.
pub async fn look(
    context: &RunContext<'_>,
    run: &str,
    step: &str,
    watcher: &mut dyn Watcher,
) -> Result<Doubt, OperationProblem> {
    let connecting = context.database.connect_within(context.options.reconnect, watcher);
    let connection = unless_stopped(context.interruption, connecting).await?;
    let found = one(&connection.client, Some(run)).await?;
    in_doubt(&found, step)?;
    // Looked at before the lock is taken: what a dead runner has left is ended then.
    let evidence = evidence_of(&connection.client, &found, step).await?;
    Ok(Doubt { found, step: step.to_owned(), evidence })
}

/// Records what a person says became of the step. The run stays held.
///
/// # Errors
/// Where the step still runs, or the run went on meanwhile.
pub async fn settle(
    context: &RunContext<'_>,
    doubt: Doubt,
    outcome: Settlement,
    reason: String,
    watcher: &mut dyn Watcher,
) -> Result<RunLeft, OperationProblem> {
    let Doubt { found, step, evidence } = doubt;
    if !evidence.running.is_empty() {
        let failure = Failure::permanent("backstop::cli::still_running", "the step still runs in a session of the server")
            .detail(evidence.running.join("\n"))
            .hint("Wait until it has ended, or end it with SELECT pg_terminate_backend(PID), and settle it then.");
        return Err(OperationProblem::failure(ProblemKind::Held, failure));
    }
    let (run, plan) = (found.summary.run, plan_name(&found.run.plan)?);
    let mut executor = context.open(&RunTarget::without_plan(&plan, run, sequences(&found.events)), watcher).await?;
    let found = read(&executor.session().client, found.summary).await?;
    let index = in_doubt(&found, &step)?;
    let settled = StepSettled { index, step, outcome, reason, evidence: evidence.facts };
    context.drive(run, &mut executor, watcher, async |driver| driver.settle(settled, found.events).await).await
}

/// Which step it is, where it is the one that the run is held for.
fn in_doubt(found: &ReplayedRun, step: &str) -> Result<usize, OperationProblem> {
    if let State::Held { at: HeldAt::Step(at), cause: Cause::Step { step: held, failure } } = &found.run.state
        && failure.class == FailureClass::Unknown
    {
        if held == step {
            return Ok(at.index);
        }
        let message = format!("the run is held for step {held}, not for {step}");
        return Err(OperationProblem::usage("backstop::cli::other_step", message, format!("Look at step {held}.")));
    }
    let message = "the run is not held for a step of which nobody knows whether it was applied";
    Err(OperationProblem::usage("backstop::cli::not_in_doubt", message, "`backstop show RUN` says where it stands."))
}

async fn evidence_of(client: &Client, found: &ReplayedRun, wanted: &str) -> Result<Evidence, OperationProblem> {
    let plan: serde_json::Value = serde_yaml::from_str(rendered(&found.events)).unwrap_or_default();
    let text = |value: &serde_json::Value, name: &str| value.get(name).and_then(|text| text.as_str()).map(str::to_owned);
    let steps = plan.get("steps").and_then(|steps| steps.as_array()).cloned().unwrap_or_default();
    let step = steps.into_iter().find(|step| step.get("id").and_then(|id| id.as_str()) == Some(wanted));
    let step = step.unwrap_or_default();
    let path = plan.pointer("/session/search_path").and_then(|path| path.as_array()).cloned().unwrap_or_default();
    let path: Vec<String> = path.iter().filter_map(|schema| schema.as_str()).map(str::to_owned).collect();
    let id = StepId::parse(wanted).map_err(|why| OperationProblem::unexpected(format!("the step's id {why}")))?;
    let name = plan_name(&found.run.plan)?;
    let (sql, probe) = (text(&step, "sql").unwrap_or_default(), text(&step, "probe"));
    let doubtful = Doubtful { plan: &name, step: &id, sql: &sql, probe: probe.as_deref(), search_path: &path };
    evidence(client, &doubtful).await.map_err(OperationProblem::unreadable)
}
