//! `backstop apply FILE`: exactly what was saved, or nothing.

use std::path::{Path, PathBuf};

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    answer::{Aside, NothingToDo},
    approve::{read, refuse_too_few},
    arguments::{Apply, Chosen, Place, Values},
    console::Console,
    exit::Exit,
    journals::unreadable,
    overall::Overall,
    place::Database,
    plan::{applied, here, identity},
    plan_files, policy,
    problem::Problem,
    reading::{Sourced, read_ordered, resolve_sourced},
    running::Site,
    scope,
    signals::{self, unless_stopped},
};
use crate::{
    load::Format,
    machine::{Failure, SavedPlanUsed},
    postgres::{
        journal,
        outlook::{self, Moment},
    },
    saved::{self, SavedPlan, looks_saved, of_database, of_nothing_pending, of_sources},
};

/// Most bytes that are looked at to know whether a file is a saved plan.
const BEGINNING_BYTES: u64 = 4096;

/// The saved plan that the arguments name; none where they name plans.
pub fn named(plans: &[PathBuf]) -> Result<Option<&Path>, Problem> {
    let saved: Vec<&PathBuf> = plans.iter().filter(|path| is_saved(path)).collect();
    match (saved.as_slice(), plans) {
        ([], _) => Ok(None),
        ([one], [_]) => Ok(Some(one)),
        _ => Err(Problem::usage(
            "backstop::cli::saved_with_others",
            "a saved plan is applied by itself, and other files are named beside it",
            "Apply one after the other.",
        )),
    }
}

/// Whether a file that is no plan by its name begins like a saved plan.
fn is_saved(path: &Path) -> bool {
    use std::io::Read;
    if Format::of_path(path).is_some() {
        return false;
    }
    let mut beginning = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BEGINNING_BYTES).read_to_end(&mut beginning));
    read.is_ok() && looks_saved(&beginning)
}

/// Applies a saved plan, or refuses and names each difference.
pub async fn run(file: &Path, arguments: &Apply, console: &mut Console) -> Result<Exit, Problem> {
    if !arguments.part.only.is_empty() || arguments.part.until.is_some() {
        let help = "Choose the plans when you save them.";
        return Err(Problem::usage("backstop::cli::part_of_saved", "a saved plan is applied as a whole", help));
    }
    let saved = read(file)?;
    let approved = refuse_too_few(&saved, &policy::of_repository(&arguments.place.chosen)?)?;
    let sourced = match saved.content.plans.is_empty() {
        true => nothing_new(&saved, arguments, console)?,
        false => sources(&saved, arguments)?,
    };
    let interruption = signals::listen(arguments.running.grace)?;
    let place = Place { chosen: chosen(&saved, &arguments.place.chosen), ..arguments.place.clone() };
    let database = Database::open(&place).await?;
    // Nothing is written to a database that is not the one that was meant, so that this look can't write.
    let looking = async {
        // Where the server is not there yet, the run waits for it.
        drop(database.connect_within(arguments.running.wait, console).await?);
        let connection = outlook::connect(database.options()).await?;
        Checked { saved: &saved, sourced: &sourced }.refuse(&connection.client, &[]).await?;
        match saved.content.plans.is_empty() {
            true => refuse(unapplied(&connection.client, &sourced).await?),
            false => Ok(()),
        }
    };
    unless_stopped(&interruption, looking).await?;
    if saved.content.plans.is_empty() {
        let nothing = NothingToDo { saved_plan: Some(saved.content.id.clone()), ..NothingToDo::default() };
        console
            .aside("nothing to do: nothing was pending when it was saved, and nothing is", &Aside::NothingToDo(nothing))?;
        return Ok(Exit::Done);
    }
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let used = SavedPlanUsed {
        id: saved.content.id.clone(),
        digest: saved.digest.clone(),
        approved_by: approved.by.into_iter().collect(),
    };
    let mut overall = Overall::new(sourced.iter().map(|one| one.resolved.plan().name.to_string()));
    let result = all(&site, &used, Checked { saved: &saved, sourced: &sourced }, &mut overall, console).await;
    let exit = result.as_ref().map_or_else(|problem| problem.exit, |exit| *exit);
    overall.tell(exit, console)?;
    result
}

async fn all(
    site: &Site<'_>,
    used: &SavedPlanUsed,
    checked: Checked<'_>,
    overall: &mut Overall,
    console: &mut Console,
) -> Result<Exit, Problem> {
    let mut runs: Vec<Uuid> = Vec::new();
    for one in checked.sourced {
        let run = Uuid::now_v7();
        let result = site.apply_saved(&one.resolved, run, used, checked, &runs, console).await;
        let exit = overall.ended(one.resolved.plan().name.as_str(), result)?;
        if exit != Exit::Done {
            return Ok(exit);
        }
        runs.push(run);
    }
    Ok(Exit::Done)
}

/// The plans that were applied already when it was saved, where they are what they were and no other is beside them.
fn nothing_new(saved: &SavedPlan, arguments: &Apply, console: &Console) -> Result<Vec<Sourced>, Problem> {
    let Some(then) = &saved.content.nothing_pending else {
        refuse(vec!["it does not say which plans were looked at when nothing was pending".to_owned()])?;
        return Ok(Vec::new());
    };
    let recorded = then.values_files.iter().map(PathBuf::from).collect();
    let values_files = if arguments.values.values.is_empty() { recorded } else { arguments.values.values.clone() };
    let chosen = chosen(saved, &arguments.values.chosen);
    let named: Vec<PathBuf> = then.named.iter().map(PathBuf::from).collect();
    let found = read_ordered(&plan_files::collect(&named, &chosen, console)?)?;
    let sourced = resolve_sourced(&found, &Values { values: values_files, chosen, ..arguments.values.clone() })?;
    refuse(of_nothing_pending(then, &sourced.iter().map(applied).collect::<Vec<_>>())).map(|()| sourced)
}

/// Plans that are not applied there any more, or with other content.
async fn unapplied(client: &Client, sourced: &[Sourced]) -> Result<Vec<String>, Problem> {
    let mut differences = Vec::new();
    for one in sourced {
        let plan = one.resolved.plan();
        let applied = journal::applied_plan(client, &plan.name).await.map_err(unreadable)?;
        if applied.is_none_or(|applied| applied.fingerprint != one.resolved.fingerprint()) {
            differences.push(format!("plan {} is not applied to this database", plan.name));
        }
    }
    Ok(differences)
}

/// The environment that it was saved for, where the arguments name none.
fn chosen(saved: &SavedPlan, given: &Chosen) -> Chosen {
    Chosen { environment: given.environment.clone().or(saved.content.environment.clone()), config: given.config.clone() }
}

/// The plans that it names, as they are here, where they are what was saved.
fn sources(saved: &SavedPlan, arguments: &Apply) -> Result<Vec<Sourced>, Problem> {
    let plans = &saved.content.plans;
    let recorded = plans.first().map(|plan| plan.values_files.iter().map(PathBuf::from).collect()).unwrap_or_default();
    let values_files = if arguments.values.values.is_empty() { recorded } else { arguments.values.values.clone() };
    let chosen = chosen(saved, &arguments.values.chosen);
    let given = Values { values: values_files, chosen, ..arguments.values.clone() };
    let paths: Vec<PathBuf> = plans.iter().map(|plan| PathBuf::from(&plan.path)).collect();
    let sourced = resolve_sourced(&read_ordered(&paths)?, &given)?;
    let mut differences = Vec::new();
    for plan in plans {
        match sourced.iter().find(|sourced| sourced.path == plan.path) {
            Some(sourced) => differences.extend(of_sources(plan, &here(sourced, &plan.values_files))),
            None => differences.push(format!("plan {}: {} is not there", plan.name, plan.path)),
        }
    }
    refuse(differences).map(|()| sourced)
}

/// A saved plan whose sources are what they were.
#[derive(Clone, Copy)]
pub struct Checked<'a> {
    saved: &'a SavedPlan,
    sourced: &'a [Sourced],
}

impl Checked<'_> {
    /// Refuses a database that is another one or not as it was, and a saved plan that is used up or too old. `runs` are those that
    /// it has made just now: what they did is no difference.
    pub async fn refuse(&self, client: &Client, runs: &[Uuid]) -> Result<(), Problem> {
        let content = &self.saved.content;
        let moment = outlook::moment(client).await.map_err(unreadable)?;
        let mut differences = Vec::new();
        differences.extend(expired(content, &moment));
        for used in outlook::uses(client, &content.id).await.map_err(unreadable)? {
            if !runs.contains(&used.run) {
                differences.push(format!("it was used at {} by run {} of plan {}", used.at, used.run, used.plan));
            }
        }
        if runs.is_empty() {
            // What plans rely on that are applied already is nothing that is to be applied.
            let is_pending = |sourced: &&Sourced| content.plans.iter().any(|plan| plan.path == sourced.path);
            let plans: Vec<_> = self.sourced.iter().filter(is_pending).map(|sourced| sourced.resolved.plan()).collect();
            let structure = scope::structure(client, &plans).await?;
            differences.extend(of_database(content, &identity(&moment), &scope::of_plans(&structure, &plans)));
        }
        refuse(differences)
    }
}

/// Both moments are the server's.
fn expired(content: &saved::Content, moment: &Moment) -> Option<String> {
    let end = content.expires_at.as_ref()?;
    let (Ok(at), Ok(now)) = (end.parse::<jiff::Timestamp>(), moment.now.parse::<jiff::Timestamp>()) else {
        return Some(format!("it was good until {end}, and nobody can tell whether that is past"));
    };
    (now >= at).then(|| format!("it was good until {end}, and it is {}", moment.now))
}

fn refuse(differences: Vec<String>) -> Result<(), Problem> {
    if differences.is_empty() {
        return Ok(());
    }
    let message = match differences.len() {
        1 => "the saved plan is not what would run now, in one point".to_owned(),
        count => format!("the saved plan is not what would run now, in {count} points"),
    };
    let failure = Failure::permanent("backstop::saved::differs", message)
        .detail(differences.join("\n"))
        .hint("Nothing was changed. Save the plan again with `backstop plan PLAN -o FILE`, and have it approved again.");
    Err(Problem::failure(Exit::Invalid, failure))
}
