//! `backstop resume`

use super::{arguments::ResumeArgs, console::Console, exit::Exit, signals};
use crate::operations::{
    DatabaseAccess, OperationProblem, RunContext, read_resolved,
    resume::{Amendment, resume},
};

/// Goes on with the plan's run that has not ended, in its direction.
pub async fn run(arguments: &ResumeArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let (configuration, target) = (arguments.database.configuration(), arguments.database.target());
    let plan = read_resolved(&configuration, &arguments.plan, &arguments.values.given())?;
    let amendment = if arguments.amend { Amendment::Allow } else { Amendment::Refuse };
    if arguments.amend {
        configuration.refuse_unapproved(&target, "an amended plan")?;
    }
    let interruption = signals::listen(arguments.running.grace)?;
    let database = DatabaseAccess::open(&configuration, &target, console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let left = resume(&context, &plan, amendment, console).await?;
    Ok(Exit::of_run(&left.ended))
}
