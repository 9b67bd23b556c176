//! `backstop accept`

use super::{
    arguments::Accept,
    console::Console,
    exit::Exit,
    journals::{one, plan_name, read, sequences, unfinished},
    place::Database,
    problem::Problem,
    running::{Site, Target, close},
    signals::{self, unless_stopped},
};

/// Ends a held run; the database stays as it stands.
pub async fn run(arguments: &Accept, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let connection = unless_stopped(&interruption, database.connect_within(arguments.running.wait, console)).await?;
    let found = match &arguments.run {
        Some(id) => Some(one(&connection.client, Some(id)).await?),
        None => unfinished(&connection.client).await?,
    };
    let Some(found) = found else {
        let help = "`backstop history` lists the runs.";
        return Err(Problem::usage("backstop::cli::no_run", "no run waits for a decision", help));
    };
    let run = found.summary.run;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let mut world =
        site.open(&Target::without_plan(&plan_name(&found.run.plan)?, run, sequences(&found.events)), console).await?;
    let found = read(&world.session().client, found.summary).await?;
    let reason = arguments.reason.as_str();
    let ended = site.drive(&mut world, console, async |driver| driver.accept(reason, found.events).await).await?;
    close(run, &ended, console)
}
