//! `backstop resume`

use super::{
    arguments::Resume,
    console::Console,
    exit::Exit,
    journals::{read, unreadable},
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
    running::{Lock, Site, close},
    signals,
};
use crate::postgres::journal;

/// Goes on with the plan's run that has not ended, in its direction.
pub async fn run(arguments: &Resume, console: &mut Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let interruption = signals::listen()?;
    let database = Database::open(&arguments.place).await?;
    let lock = Lock::take(&database, &arguments.running, console).await?;
    let name = &resolved.plan().name;
    let Some(summary) = journal::unfinished_run(lock.client(), name).await.map_err(unreadable)? else {
        let message = format!("no run of the plan {name} waits to go on");
        let help = "`backstop status` lists what waits; `backstop apply` begins a run.";
        return Err(Problem::usage("backstop::cli::no_run", message, help));
    };
    let found = read(lock.client(), summary).await?;
    let run = found.summary.run;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let ended = site.drive(run, console, async |driver| driver.resume(&resolved, found.events).await).await?;
    close(run, &ended, console)
}
