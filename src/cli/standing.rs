//! `backstop status PLAN…`: how plans stand, and waiting until all of them are applied.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    answer::{Answer, PlanStanding, Standings},
    arguments::Status,
    console::Console,
    exit::Exit,
    journals::unreadable,
    pending::{self, Looked},
    place::Database,
    plan_files,
    problem::Problem,
};
use crate::{
    load::Format,
    plan::PlanName,
    postgres::journal,
    render::ResolvedPlan,
    report::{self, PlanRow},
};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Says how plans stand; where they are required, the exit code says whether all are applied.
pub async fn run(arguments: &Status, console: &Console) -> Result<Exit, Problem> {
    let (names, files) = told_apart(&arguments.plans)?;
    let plans = match (&files[..], &names[..]) {
        ([], [_, ..]) => Vec::new(),
        (files, _) => plan_files::resolved(files, &arguments.values, console)?,
    };
    let deadline = arguments.wait.map(|wait| Instant::now() + wait);
    loop {
        let looked = once(arguments, &names, &plans).await;
        let is_good = looked.as_ref().is_ok_and(|rows| rows.iter().all(|row| row.state == APPLIED));
        match deadline {
            Some(deadline) if !is_good && Instant::now() + PAUSE < deadline => sleep(PAUSE).await,
            _ => return tell(looked?, arguments, console),
        }
    }
}

/// The state that counts as applied.
const APPLIED: &str = "applied";

/// Names of plans, and paths. What is no path is a name, where it can be one.
fn told_apart(given: &[String]) -> Result<(Vec<PlanName>, Vec<PathBuf>), Problem> {
    let (mut names, mut files) = (Vec::new(), Vec::new());
    for text in given {
        let path = Path::new(text);
        match PlanName::parse(text) {
            Ok(name) if !path.exists() && Format::of_path(path).is_none() => names.push(name),
            _ => files.push(path.to_owned()),
        }
    }
    Ok((names, files))
}

async fn once(arguments: &Status, names: &[PlanName], plans: &[(PathBuf, ResolvedPlan)]) -> Result<Vec<PlanRow>, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let look = pending::look(&connection.client, plans.to_vec()).await?;
    let mut rows: Vec<PlanRow> = look.plans.iter().map(of_file).collect();
    let wanted: Vec<&str> = names.iter().map(PlanName::as_str).collect();
    let standings = journal::standings(&connection.client, &wanted).await.map_err(unreadable)?;
    for (name, standing) in &standings {
        let state = match (&standing.unfinished, &standing.applied) {
            (Some(_), _) => "unfinished",
            (None, Some(_)) => APPLIED,
            (None, None) => "pending",
        };
        rows.push(PlanRow {
            plan: name.clone(),
            state: state.to_owned(),
            at: standing.applied.as_ref().map(|applied| applied.at.clone()).unwrap_or_default(),
            run: standing.applied.as_ref().map(|applied| applied.run.to_string()).unwrap_or_default(),
            file: String::new(),
        });
    }
    rows.extend(look.missing.into_iter().map(|(plan, required)| PlanRow {
        plan: required,
        state: format!("missing: {plan} requires it"),
        at: String::new(),
        run: String::new(),
        file: String::new(),
    }));
    Ok(rows)
}

fn of_file(looked: &Looked) -> PlanRow {
    let application = looked.stands.application();
    PlanRow {
        plan: looked.plan.plan().name.to_string(),
        state: looked.stands.word().to_owned(),
        at: application.map(|applied| applied.at.clone()).unwrap_or_default(),
        run: application.map(|applied| applied.run.to_string()).unwrap_or_default(),
        file: looked.path.display().to_string(),
    }
}

fn tell(rows: Vec<PlanRow>, arguments: &Status, console: &Console) -> Result<Exit, Problem> {
    let waiting = rows.iter().filter(|row| row.state != APPLIED).count();
    let exit = if arguments.require && waiting > 0 { Exit::Missing } else { Exit::Done };
    let text = report::plans(&rows, console.style());
    let plans = rows.into_iter().map(|PlanRow { plan, state, at, run, file }| PlanStanding { plan, state, at, run, file });
    let standings = Standings { plans: plans.collect(), waiting, exit_code: exit.code() };
    console.answer(&text, &Answer::Plans(standings))?;
    Ok(exit)
}
