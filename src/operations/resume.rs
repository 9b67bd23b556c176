//! A run that has not ended goes on.

use super::{
    problem::{OperationProblem, ProblemKind},
    run_context::{RunContext, RunTarget},
    runs::{ReplayedRun, read, recorded, rendered},
    watcher::{RunLeft, Watcher},
};
use crate::{
    machine::{Failure, Outline, State, frozen_steps},
    plan::Transaction,
    postgres::journal,
    render::ResolvedPlan,
    report::{May, PlanAt, Style, plan_change_lines, plan_changes},
};

/// Whether a run may go on with another content of its plan than it began with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Amendment {
    /// It may not.
    #[default]
    Refuse,
    /// It may, where nothing is changed that has run already; the journal keeps both.
    Allow,
}

/// Goes on with the plan's run that has not ended, in its direction.
///
/// # Errors
/// Where there is none, and where it can't go on with this plan.
pub async fn resume(
    context: &RunContext<'_>,
    plan: &ResolvedPlan,
    amendment: Amendment,
    watcher: &mut dyn Watcher,
) -> Result<RunLeft, OperationProblem> {
    let name = &plan.plan().name;
    let connection = context.connected(watcher).await?;
    let Some(summary) = journal::unfinished_run(&connection.client, name).await.map_err(OperationProblem::unreadable)?
    else {
        let message = format!("no run of the plan {name} waits to go on");
        let help = "`backstop status` lists what waits; `backstop apply` begins a run.";
        return Err(OperationProblem::usage("backstop::cli::no_run", message, help));
    };
    let run = summary.run;
    let mut executor = context.open(&RunTarget::of_plan(plan, run), watcher).await?;
    // Read under the lock: nobody else adds to it now.
    let found = read(&executor.session().client, summary).await?;
    let is_other = found.run.fingerprint != plan.fingerprint() && !matches!(found.run.state, State::Finished(_));
    if is_other {
        let changes = amended(&found, plan, amendment)?;
        context.drive(run, &mut executor, watcher, async |driver| driver.amend(plan, changes, found.events).await).await
    } else {
        context.drive(run, &mut executor, watcher, async |driver| driver.resume(plan, found.events).await).await
    }
}

/// What the given plan changes of the run's, where the run can go on with it and a person wants that.
fn amended(found: &ReplayedRun, given: &ResolvedPlan, amendment: Amendment) -> Result<Vec<String>, OperationProblem> {
    let outline = &found.run.outline;
    let frozen = frozen_steps(outline, &found.run.state).filter(|_| outline.transaction == Transaction::Step);
    // Both by way of what is shown of them, secrets redacted.
    let (was, is) = (recorded(rendered(&found.events)), recorded(given.shown()));
    let shape = Outline::of(given);
    let then = PlanAt { outline, plan: was.as_ref() };
    let changes = plan_changes(then, PlanAt { outline: &shape, plan: is.as_ref() }, frozen.unwrap_or_default());
    let differs = |code: &str, message: String| {
        let failure = Failure::permanent(code, message);
        failure.detail(plan_change_lines(&changes, Style::Plain).trim_end().to_owned())
    };
    let Some(frozen) = frozen else {
        let message = format!("the plan was changed after the run began, and the run is `{}`", found.run.state.name());
        let help = "Give the plan as it was, or end this run with `backstop restore` and apply the changed plan.";
        return Err(OperationProblem::failure(
            ProblemKind::Invalid,
            differs("backstop::cli::changed_plan", message).hint(help),
        ));
    };
    if changes.iter().any(|change| change.may == May::Not) {
        let message =
            format!("the plan was changed where the run has been already: {frozen} of its steps can't change any more");
        let help = "Give these parts as they were, or go back with `backstop restore`.";
        return Err(OperationProblem::failure(
            ProblemKind::Invalid,
            differs("backstop::cli::frozen_step", message).hint(help),
        ));
    }
    if amendment == Amendment::Refuse {
        let message = "the plan was changed after the run began, in what has not run yet".to_owned();
        let help = "Go on with the changed plan by `backstop resume --amend`, or give it as it was.";
        return Err(OperationProblem::failure(
            ProblemKind::Held,
            differs("backstop::cli::changed_plan", message).hint(help),
        ));
    }
    Ok(changes.into_iter().map(|change| change.what).collect())
}
