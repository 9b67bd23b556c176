//! `backstop settle`

use super::{
    answer::{self, Answer},
    arguments::SettleArgs,
    console::Console,
    exit::Exit,
    signals,
};
use crate::operations::{
    DatabaseAccess, OperationProblem, RunContext,
    settle::{look, settle},
};

/// Shows what can be seen of a step of which nobody knows whether it was applied, and records what a person says.
pub async fn run(arguments: &SettleArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let doubt = look(&context, &arguments.run, &arguments.step, console).await?;
    let seen = &doubt.evidence;
    for line in seen.running.iter().map(|line| format!("  still running: {line}")) {
        console.say(&line);
    }
    for line in seen.facts.iter().map(|line| format!("  {line}")) {
        console.say(&line);
    }
    let (Some(outcome), Some(reason)) = (arguments.outcome, arguments.reason.clone()) else {
        let help = format!(
            "say what became of it with `backstop settle {} {} --as applied --reason TEXT`, or `--as not-applied`",
            arguments.run, arguments.step
        );
        let evidence = answer::EvidenceAnswer { running: seen.running.clone(), facts: seen.facts.clone() };
        console.answer(&help, &Answer::Evidence(evidence))?;
        return Ok(Exit::Held);
    };
    settle(&context, doubt, outcome.into(), reason, console).await?;
    Ok(Exit::Held)
}
