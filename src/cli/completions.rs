//! `backstop completions`

use clap::CommandFactory;

use super::{
    arguments::{Arguments, CompletionsArgs},
    exit::Exit,
    stdio::print,
};
use crate::operations::OperationProblem;

/// Prints a completion script.
pub fn run(arguments: &CompletionsArgs) -> Result<Exit, OperationProblem> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "backstop", &mut script);
    print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}
