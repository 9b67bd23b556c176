//! `backstop settle`

use super::{
    answer::{self, Answer},
    arguments::Settle,
    console::Console,
    exit::Exit,
    journals::{Found, one, plan_name, read, rendered, sequences, unreadable},
    place::Database,
    problem::Problem,
    running::{Site, Target, close},
    signals::{self, unless_stopped},
};
use crate::{
    machine::{Cause, Failure, FailureClass, HeldAt, State, StepSettled},
    plan::StepId,
    postgres::step::{Doubtful, Evidence, evidence},
};

/// Shows what can be seen of a step of which nobody knows whether it was applied, and records what a person says.
pub async fn run(arguments: &Settle, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let connection = unless_stopped(&interruption, database.connect_within(arguments.running.wait, console)).await?;
    let found = one(&connection.client, Some(&arguments.run)).await?;
    let index = in_doubt(&found, &arguments.step)?;
    // Looked at before the lock is taken: what a dead runner has left is ended then.
    let seen = look(&connection.client, &found, arguments).await?;
    for line in seen.running.iter().map(|line| format!("  still running: {line}")) {
        console.say(&line);
    }
    for line in seen.facts.iter().map(|line| format!("  {line}")) {
        console.say(&line);
    }
    let (Some(outcome), Some(reason)) = (arguments.outcome, arguments.reason.clone()) else {
        let help = format!(
            "say what became of it with `backstop settle {} {} --as applied --reason TEXT`, or `--as not-applied`",
            arguments.run, arguments.step
        );
        console.answer(&help, &Answer::Evidence(answer::Evidence { running: seen.running, facts: seen.facts }))?;
        return Ok(Exit::Held);
    };
    if !seen.running.is_empty() {
        let failure = Failure::permanent("backstop::cli::still_running", "the step still runs in a session of the server")
            .detail(seen.running.join("\n"))
            .hint("Wait until it has ended, or end it with SELECT pg_terminate_backend(PID), and settle it then.");
        return Err(Problem::failure(Exit::Held, failure));
    }
    let run = found.summary.run;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let plan = plan_name(&found.run.plan)?;
    let target = Target::without_plan(&plan, run, sequences(&found.events));
    let mut world = site.open(&target, console).await?;
    let found = read(&world.session().client, found.summary).await?;
    in_doubt(&found, &arguments.step)?;
    let settled = StepSettled { index, step: arguments.step.clone(), outcome: outcome.into(), reason, evidence: seen.facts };
    let ended = site.drive(&mut world, console, async |driver| driver.settle(settled, found.events).await).await?;
    close(run, &ended, console)?;
    Ok(Exit::Held)
}

/// Which step it is, where it is the one that the run is held for.
fn in_doubt(found: &Found, step: &str) -> Result<usize, Problem> {
    if let State::Held { at: HeldAt::Step(at), cause: Cause::Step { step: held, failure } } = &found.run.state
        && failure.class == FailureClass::Unknown
    {
        if held == step {
            return Ok(at.index);
        }
        let message = format!("the run is held for step {held}, not for {step}");
        return Err(Problem::usage("backstop::cli::other_step", message, format!("Look at step {held}.")));
    }
    let message = "the run is not held for a step of which nobody knows whether it was applied";
    Err(Problem::usage("backstop::cli::not_in_doubt", message, "`backstop show RUN` says where it stands."))
}

async fn look(client: &tokio_postgres::Client, found: &Found, arguments: &Settle) -> Result<Evidence, Problem> {
    let plan: serde_json::Value = serde_yaml::from_str(rendered(&found.events)).unwrap_or_default();
    let text = |value: &serde_json::Value, name: &str| value.get(name).and_then(|text| text.as_str()).map(str::to_owned);
    let steps = plan.get("steps").and_then(|steps| steps.as_array()).cloned().unwrap_or_default();
    let step = steps.into_iter().find(|step| step.get("id").and_then(|id| id.as_str()) == Some(&arguments.step));
    let step = step.unwrap_or_default();
    let path = plan.pointer("/session/search_path").and_then(|path| path.as_array()).cloned().unwrap_or_default();
    let path: Vec<String> = path.iter().filter_map(|schema| schema.as_str()).map(str::to_owned).collect();
    let id = StepId::parse(&arguments.step).map_err(|why| Problem::unexpected(format!("the step's id {why}")))?;
    let name = plan_name(&found.run.plan)?;
    let (sql, probe) = (text(&step, "sql").unwrap_or_default(), text(&step, "probe"));
    let doubtful = Doubtful { plan: &name, step: &id, sql: &sql, probe: probe.as_deref(), search_path: &path };
    evidence(client, &doubtful).await.map_err(unreadable)
}
