//! `backstop apply`

use similar::TextDiff;
use uuid::Uuid;

use super::{
    apply_saved::{self, Checked},
    arguments::Apply,
    console::Console,
    exit::Exit,
    journals::{self, unreadable},
    place::Database,
    policy,
    problem::Problem,
    reading::{read_ordered, resolve_all},
    running::{Site, Target, close},
    signals,
};
use crate::{
    machine::{Failure, SavedPlanUsed},
    plan::Repeat,
    postgres::journal::{self, Applied},
    render::ResolvedPlan,
};

/// Runs plans in the order of what they require. The first one that doesn't succeed ends it.
pub async fn run(arguments: &Apply, console: &mut Console) -> Result<Exit, Problem> {
    if let Some(file) = apply_saved::named(&arguments.plans)? {
        return apply_saved::run(file, arguments, console).await;
    }
    policy::refuse_unapproved(&arguments.place, "a plan")?;
    let plans = resolve_all(&read_ordered(&arguments.plans)?, &arguments.values)?;
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    for plan in &plans {
        let exit = site.apply(plan, console).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

impl Site<'_> {
    /// Runs one plan, unless it is applied already.
    pub async fn apply(&self, plan: &ResolvedPlan, console: &mut Console) -> Result<Exit, Problem> {
        self.begin(plan, Uuid::now_v7(), None, console).await
    }

    /// Runs one plan of a saved plan. What was looked at before is looked at again under the run lock; `runs` are those that the
    /// saved plan has made just now.
    pub async fn apply_saved(
        &self,
        plan: &ResolvedPlan,
        run: Uuid,
        used: &SavedPlanUsed,
        checked: Checked<'_>,
        runs: &[Uuid],
        console: &mut Console,
    ) -> Result<Exit, Problem> {
        self.begin(plan, run, Some((used, checked, runs)), console).await
    }

    async fn begin(
        &self,
        plan: &ResolvedPlan,
        run: Uuid,
        saved: Option<(&SavedPlanUsed, Checked<'_>, &[Uuid])>,
        console: &mut Console,
    ) -> Result<Exit, Problem> {
        let name = &plan.plan().name;
        let mut world = self.open(&Target::of_plan(plan, run), console).await?;
        let client = &world.session().client;
        if let Some(waiting) = journals::unfinished(client).await? {
            return Err(unfinished(&waiting.run.plan, &waiting.run.id));
        }
        match journal::applied_plan(client, name).await.map_err(unreadable)? {
            Some(applied) if applied.fingerprint == plan.fingerprint() => return nothing_to_do(&applied, console),
            Some(applied) if plan.plan().repeat == Repeat::Never => return Err(changed(&applied, plan)),
            Some(_) | None => {}
        }
        if let Some((_, checked, runs)) = saved {
            checked.refuse(client, runs).await?;
        }
        let (id, used) = (run.to_string(), saved.map(|(used, ..)| used.clone()));
        let ended = self.drive(&mut world, console, async |driver| driver.start_saved(plan, &id, used).await).await?;
        close(run, &ended, console)
    }
}

fn nothing_to_do(applied: &Applied, console: &Console) -> Result<Exit, Problem> {
    let text = format!("{}: nothing to do, applied at {} by run {}", applied.plan, applied.at, applied.run);
    let value = serde_json::json!({
        "kind": "nothing_to_do", "plan": applied.plan, "run": applied.run.to_string(), "at": applied.at, "exit_code": 0,
    });
    console.answer(&text, &value)?;
    Ok(Exit::Done)
}

fn unfinished(plan: &str, run: &str) -> Problem {
    let failure = Failure::permanent(
        "backstop::cli::unfinished_run",
        format!("run {run} of plan {plan} has not ended, and only one can be under way"),
    )
    .hint(
        "Go on with `backstop resume PLAN`, go back with `backstop restore`, or keep what is there with `backstop accept`.",
    );
    Problem::failure(Exit::Held, failure)
}

fn changed(applied: &Applied, plan: &ResolvedPlan) -> Problem {
    let diff = TextDiff::from_lines(applied.rendered.as_str(), plan.shown());
    let shown = diff.unified_diff().context_radius(2).header("applied", "given").to_string();
    let failure = Failure::permanent(
        "backstop::cli::changed_plan",
        format!("the plan {} was applied at {} with other content", applied.plan, applied.at),
    )
    .detail(shown)
    .hint("Write what is still to be done into a plan of another name, or let this one say `repeat: on_change`.");
    Problem::failure(Exit::Invalid, failure)
}
