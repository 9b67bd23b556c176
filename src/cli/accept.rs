//! `backstop accept`

use super::{arguments::Accept, console::Console, exit::Exit, signals};
use crate::operations::{Database, Problem, RunContext, accept};

/// Ends a held run; the database stays as it stands.
pub async fn run(arguments: &Accept, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let left = accept(&context, arguments.run.as_deref(), &arguments.reason, console).await?;
    Ok(Exit::of_run(&left.ended))
}
