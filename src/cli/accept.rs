//! `backstop accept`

use super::{
    arguments::Accept,
    console::Console,
    exit::Exit,
    journals::{one, unfinished},
    place::Database,
    problem::Problem,
    running::{Lock, Site, close},
    signals,
};

/// Ends a held run; the database stays as it stands.
pub async fn run(arguments: &Accept, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen()?;
    let database = Database::open(&arguments.place).await?;
    let lock = Lock::take(&database, &arguments.running, console).await?;
    let found = match &arguments.run {
        Some(id) => Some(one(lock.client(), Some(id)).await?),
        None => unfinished(lock.client()).await?,
    };
    let Some(found) = found else {
        return Err(Problem::usage("backstop::cli::no_run", "no run waits for a decision", "`backstop history` lists the runs."));
    };
    let run = found.summary.run;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let reason = arguments.reason.as_str();
    let ended = site.drive(run, console, async |driver| driver.accept(reason, found.events).await).await?;
    close(run, &ended, console)
}
