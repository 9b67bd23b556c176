//! `backstop demo`

use super::{arguments::DemoArgs, console::Console, exit::Exit, signals};
use crate::operations::{OperationProblem, demo::demo};

/// Runs a migration that succeeds, and one whose last check fails and that is restored, on a throwaway server.
pub async fn run(arguments: &DemoArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(None)?;
    if let Some(left) = demo(arguments.pg_bin.clone(), arguments.profiles, &interruption, console).await? {
        return Ok(Exit::of_run(&left.ended));
    }
    console.say("\nThe server and its data are gone now. On your own: `backstop apply PLAN --database-url URL`.");
    Ok(Exit::Done)
}
