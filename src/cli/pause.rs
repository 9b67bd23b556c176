//! `backstop pause` and `backstop continue`

use super::{
    answer::{Answer, NamedRun},
    arguments::{ContinueArgs, PauseArgs},
    console::Console,
    exit::Exit,
};
use crate::operations::{self, DatabaseAccess, OperationProblem, runs::ReplayedRun};

/// Lets a run wait before its next batch.
pub async fn run(arguments: &PauseArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let found = operations::pause(&database, arguments.run.as_deref(), reason).await?;
    tell(Answer::Paused, "its steps in batches wait before the next one; `backstop continue` lets it go on", &found, console)
}

/// Lets a paused run go on.
pub async fn go_on(arguments: &ContinueArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    match operations::go_on(&database, arguments.run.as_deref()).await? {
        (found, true) => tell(Answer::Continued, "it goes on with the next batch", &found, console),
        (found, false) => tell(Answer::NotPaused, "it was not paused", &found, console),
    }
}

fn tell(
    answer: impl FnOnce(NamedRun) -> Answer,
    what: &str,
    found: &ReplayedRun,
    console: &Console,
) -> Result<Exit, OperationProblem> {
    let run = &found.run.id;
    console.answer(&format!("run {run} of {}: {what}", found.run.plan), &answer(NamedRun { run: run.clone() }))?;
    Ok(Exit::Done)
}
