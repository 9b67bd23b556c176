//! `backstop apply`

use uuid::Uuid;

use super::{
    answer::{Aside, NothingToDo},
    apply_saved::{self, Checked},
    arguments::Apply,
    console::Console,
    exit::Exit,
    journals::{self, recorded, unreadable},
    overall::Overall,
    pending::{self, Look, Looked, Stands},
    place::Database,
    plan_files, policy,
    problem::Problem,
    running::{Site, Target, close},
    selection,
    signals::{self, unless_stopped},
};
use crate::{
    machine::{Cause, Failure, SavedPlanUsed, State},
    plan::Repeat,
    postgres::{
        connection::Connection,
        journal::{self, Applied},
        preflight,
    },
    render::ResolvedPlan,
    report::{Style, change_lines},
    review::compare,
};

/// Runs plans in the order of what they require. The first one that doesn't succeed ends it.
pub async fn run(arguments: &Apply, console: &mut Console) -> Result<Exit, Problem> {
    if let Some(file) = apply_saved::named(&arguments.plans)? {
        return apply_saved::run(file, arguments, console).await;
    }
    policy::refuse_unapproved(&arguments.place, "a plan")?;
    let plans = plan_files::resolved(&arguments.plans, &arguments.values, console)?;
    let plans = selection::select(&arguments.part, plans, |(_, plan)| plan.plan().name.as_str())?;
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let connecting = database.connect_within(arguments.running.wait, console);
    let connection = unless_stopped(&interruption, connecting).await?;
    let Look { plans, missing } = unless_stopped(&interruption, look(&database, &connection, plans)).await?;
    drop(connection);
    if !missing.is_empty() {
        return Err(not_there(&missing));
    }
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    // Only one run can be under way, so that the one that is comes first.
    let (under_way, others): (Vec<&Looked>, Vec<&Looked>) =
        plans.iter().partition(|looked| matches!(looked.stands, Stands::Unfinished(_)));
    let order: Vec<&Looked> = under_way.into_iter().chain(others).collect();
    let mut overall = Overall::new(order.iter().map(|looked| looked.plan.plan().name.to_string()));
    let result = all(&site, &order, arguments.resume, &mut overall, console).await;
    let exit = result.as_ref().map_or_else(|problem| problem.exit, |exit| *exit);
    overall.tell(exit, console)?;
    result
}

async fn all(
    site: &Site<'_>,
    order: &[&Looked],
    resume: bool,
    overall: &mut Overall,
    console: &mut Console,
) -> Result<Exit, Problem> {
    for Looked { plan, stands, .. } in order {
        let name = plan.plan().name.as_str();
        let result = match stands {
            Stands::Applied(applied) => {
                nothing_to_do(name, &applied.at, applied.run, console)?;
                overall.nothing_to_do(name);
                continue;
            }
            Stands::Unfinished(run) if resume => site.go_on(plan, *run, console).await,
            _ => site.apply(plan, console).await,
        };
        let exit = overall.ended(name, result)?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// How the plans stand, in one session and a few round trips. Any that was changed since it was applied is refused before
/// another one runs.
async fn look(
    database: &Database,
    connection: &Connection,
    plans: Vec<(std::path::PathBuf, ResolvedPlan)>,
) -> Result<Look, Problem> {
    let look = match pending::look(&connection.client, plans).await {
        Ok(look) => look,
        Err(problem) => {
            // A pooler that hands its sessions around comes in between in many ways, and is to be called by its name.
            let other = database.connect().await?;
            preflight::refuse_pooler(&[&connection.client, &other.client]).await.map_err(unreadable)?;
            return Err(problem);
        }
    };
    let mut failures = Vec::new();
    for Looked { plan, .. } in look.plans.iter().filter(|looked| matches!(looked.stands, Stands::Changed(_))) {
        if let Some(applied) = journal::applied_plan(&connection.client, &plan.plan().name).await.map_err(unreadable)? {
            failures.push(changed(&applied, plan));
        }
    }
    if failures.is_empty() { Ok(look) } else { Err(Problem::failures(Exit::Invalid, failures)) }
}

fn not_there(missing: &[(String, String)]) -> Problem {
    let failure = |(plan, required): &(String, String)| {
        let message =
            format!("plan {required}, which {plan} requires, is neither applied to this database nor among the given plans");
        Failure::permanent("backstop::preflight::required_plan", message).hint(format!("Apply plan {required} first."))
    };
    Problem::failures(Exit::Aborted, missing.iter().map(failure).collect())
}

impl Site<'_> {
    /// Goes on with a run of the plan that was interrupted, or whose runner died. One that waits for a decision is a person's.
    async fn go_on(&self, plan: &ResolvedPlan, run: Uuid, console: &mut Console) -> Result<Exit, Problem> {
        let mut world = self.open(&Target::of_plan(plan, run), console).await?;
        let Some(found) = journals::unfinished(&world.session().client).await? else {
            // Another runner was quicker.
            drop(world);
            return self.apply(plan, console).await;
        };
        let waits = match &found.run.state {
            State::Held { cause, .. } => !matches!(cause, Cause::Interrupted(_)),
            state => matches!(state, State::Finished(_)),
        };
        if waits || found.summary.run != run || found.run.fingerprint != plan.fingerprint() {
            return Err(unfinished(&found.run.plan, &found.run.id));
        }
        console.say(&format!("{}: going on with run {run}", plan.plan().name));
        let ended = self.drive(&mut world, console, async |driver| driver.resume(plan, found.events).await).await?;
        close(run, &ended, console)
    }

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
            Some(applied) if applied.fingerprint == plan.fingerprint() => {
                return nothing_to_do(&applied.plan, &applied.at, applied.run, console);
            }
            Some(applied) if plan.plan().repeat == Repeat::Never => {
                return Err(Problem::failure(Exit::Invalid, changed(&applied, plan)));
            }
            Some(_) | None => {}
        }
        preflight::refuse_unmappable(client, name.as_str(), plan.shown()).await.map_err(unreadable)?;
        if let Some((_, checked, runs)) = saved {
            checked.refuse(client, runs).await?;
        }
        let (id, used) = (run.to_string(), saved.map(|(used, ..)| used.clone()));
        let ended = self.drive(&mut world, console, async |driver| driver.start_saved(plan, &id, used).await).await?;
        close(run, &ended, console)
    }
}

fn nothing_to_do(plan: &str, at: &str, run: Uuid, console: &Console) -> Result<Exit, Problem> {
    let text = format!("{plan}: nothing to do, applied at {at} by run {run}");
    let (plan, run, at) = (Some(plan.to_owned()), Some(run.to_string()), Some(at.to_owned()));
    console.aside(&text, &Aside::NothingToDo(NothingToDo { plan, run, at, ..NothingToDo::default() }))?;
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

fn changed(applied: &Applied, plan: &ResolvedPlan) -> Failure {
    let message = format!("the plan {} was applied at {} with other content", applied.plan, applied.at);
    let failure = Failure::permanent("backstop::cli::changed_plan", message)
        .hint("Write what is still to be done into a plan of another name, or let this one say `repeat: on_change`.");
    // Both by way of what is shown of them, secrets redacted.
    match (recorded(&applied.rendered), recorded(plan.shown())) {
        (Some(then), Some(now)) => failure.detail(change_lines(&compare(&then, &now).changes, Style::Plain)),
        _ => failure.detail("what was recorded of it can't be read by this version of the program"),
    }
}
