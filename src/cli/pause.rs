//! `backstop pause` and `backstop continue`

use tokio_postgres::Client;

use super::{
    answer::{Answer, NamedRun},
    arguments::{Continue, Pause},
    console::Console,
    exit::Exit,
    journals::{Found, one, unfinished, unreadable},
    place::Database,
    problem::Problem,
};
use crate::postgres::journal;

/// Lets a run wait before its next batch.
pub async fn run(arguments: &Pause, console: &Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let found = going(&connection.client, arguments.run.as_deref()).await?;
    let reason = arguments.reason.as_deref().unwrap_or_default();
    journal::pause(&connection.client, found.summary.run, reason).await.map_err(unreadable)?;
    tell(Answer::Paused, "its steps in batches wait before the next one; `backstop continue` lets it go on", &found, console)
}

/// Lets a paused run go on.
pub async fn go_on(arguments: &Continue, console: &Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let found = going(&connection.client, arguments.run.as_deref()).await?;
    match journal::go_on(&connection.client, found.summary.run).await.map_err(unreadable)? {
        true => tell(Answer::Continued, "it goes on with the next batch", &found, console),
        false => tell(Answer::NotPaused, "it was not paused", &found, console),
    }
}

fn tell(answer: impl FnOnce(NamedRun) -> Answer, what: &str, found: &Found, console: &Console) -> Result<Exit, Problem> {
    let run = &found.run.id;
    console.answer(&format!("run {run} of {}: {what}", found.run.plan), &answer(NamedRun { run: run.clone() }))?;
    Ok(Exit::Done)
}

/// The run that is meant, if it has not ended.
async fn going(client: &Client, id: Option<&str>) -> Result<Found, Problem> {
    let found = match id {
        Some(id) => Some(one(client, Some(id)).await?),
        None => unfinished(client).await?,
    };
    found.filter(|found| found.summary.ended_at.is_none()).ok_or_else(|| {
        let help = "`backstop status` lists the runs that have not ended.";
        Problem::usage("backstop::cli::no_run", "no run is under way", help)
    })
}
