//! `backstop resume`

use super::{
    arguments::OnePlan,
    console::Console,
    exit::Exit,
    journals::{read, unreadable},
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
    running::{Site, Target, close},
    signals,
};
use crate::postgres::journal;

/// Goes on with the plan's run that has not ended, in its direction.
pub async fn run(arguments: &OnePlan, console: &mut Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let name = &resolved.plan().name;
    let connection = database.connect().await?;
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
    let ended = site.drive(&mut world, console, async |driver| driver.resume(&resolved, found.events).await).await?;
    close(run, &ended, console)
}
