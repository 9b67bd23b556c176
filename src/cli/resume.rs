//! `backstop resume`

use super::{
    arguments::Resume,
    console::Console,
    exit::Exit,
    journals::{Found, read, recorded, rendered, unreadable},
    place::Database,
    policy,
    problem::Problem,
    reading::{read_plan, resolve},
    running::{Site, Target, close},
    signals::{self, unless_stopped},
};
use crate::{
    machine::{Failure, Outline, State, frozen_steps},
    plan::Transaction,
    postgres::journal,
    render::ResolvedPlan,
    report::{May, PlanAt, Style, plan_changes, told_changes},
};

/// Goes on with the plan's run that has not ended, in its direction.
pub async fn run(arguments: &Resume, console: &mut Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    if arguments.amend {
        policy::refuse_unapproved(&arguments.place, "an amended plan")?;
    }
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let name = &resolved.plan().name;
    let connection = unless_stopped(&interruption, database.connect_within(arguments.running.wait, console)).await?;
    let Some(summary) = journal::unfinished_run(&connection.client, name).await.map_err(unreadable)? else {
        let message = format!("no run of the plan {name} waits to go on");
        let help = "`backstop status` lists what waits; `backstop apply` begins a run.";
        return Err(Problem::usage("backstop::cli::no_run", message, help));
    };
    let run = summary.run;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let mut world = site.open(&Target::of_plan(&resolved, run), console).await?;
    // Read under the lock: nobody else adds to it now.
    let found = read(&world.session().client, summary).await?;
    let is_other = found.run.fingerprint != resolved.fingerprint() && !matches!(found.run.state, State::Finished(_));
    let ended = if is_other {
        let changes = amended(&found, &resolved, arguments.amend)?;
        site.drive(&mut world, console, async |driver| driver.amend(&resolved, changes, found.events).await).await?
    } else {
        site.drive(&mut world, console, async |driver| driver.resume(&resolved, found.events).await).await?
    };
    close(run, &ended, console)
}

/// What the given plan changes of the run's, where the run can go on with it and a person wants that.
fn amended(found: &Found, given: &ResolvedPlan, amend: bool) -> Result<Vec<String>, Problem> {
    let outline = &found.run.outline;
    let frozen = frozen_steps(outline, &found.run.state).filter(|_| outline.transaction == Transaction::Step);
    // Both by way of what is shown of them, secrets redacted.
    let (was, is) = (recorded(rendered(&found.events)), recorded(given.shown()));
    let shape = Outline::of(given);
    let then = PlanAt { outline, plan: was.as_ref() };
    let changes = plan_changes(then, PlanAt { outline: &shape, plan: is.as_ref() }, frozen.unwrap_or_default());
    let differs = |code: &str, message: String| {
        let failure = Failure::permanent(code, message);
        failure.detail(told_changes(&changes, Style::Plain).trim_end().to_owned())
    };
    let Some(frozen) = frozen else {
        let message = format!("the plan was changed after the run began, and the run is `{}`", found.run.state.name());
        let help = "Give the plan as it was, or end this run with `backstop restore` and apply the changed plan.";
        return Err(Problem::failure(Exit::Invalid, differs("backstop::cli::changed_plan", message).hint(help)));
    };
    if changes.iter().any(|change| change.may == May::Not) {
        let message =
            format!("the plan was changed where the run has been already: {frozen} of its steps can't change any more");
        let help = "Give these parts as they were, or go back with `backstop restore`.";
        return Err(Problem::failure(Exit::Invalid, differs("backstop::cli::frozen_step", message).hint(help)));
    }
    if !amend {
        let message = "the plan was changed after the run began, in what has not run yet".to_owned();
        let help = "Go on with the changed plan by `backstop resume --amend`, or give it as it was.";
        return Err(Problem::failure(Exit::Held, differs("backstop::cli::changed_plan", message).hint(help)));
    }
    Ok(changes.into_iter().map(|change| change.what).collect())
}
