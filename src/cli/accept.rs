//! `backstop accept`

use super::{arguments::AcceptArgs, console::Console, exit::Exit, signals};
use crate::operations::{DatabaseAccess, OperationProblem, RunContext, accept};

/// Ends a held run; the database stays as it stands.
pub async fn run(arguments: &AcceptArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let left = accept(&context, arguments.run.as_deref(), &arguments.reason, console).await?;
    Ok(Exit::of_run(&left.ended))
}
