//! `backstop fmt`

use super::{
    answer::{self, Answer},
    arguments::FmtArgs,
    console::Console,
    exit::Exit,
};
use crate::operations::{
    Configuration, OperationProblem,
    format::{Formatted, Writing, format},
};

/// Puts the fields of plans in order; or only says which plans aren't.
pub fn run(arguments: &FmtArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = Configuration::new(arguments.chosen.clone());
    let writing = if arguments.check { Writing::Check } else { Writing::Write };
    let Formatted { files, plans } = format(&configuration, &arguments.plans, writing, console)?;
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let exit = if arguments.check && !files.is_empty() { Exit::Invalid } else { Exit::Done };
    let word = if arguments.check { "not in order" } else { "put in order" };
    let text = match files.len() {
        0 if plans == 1 => "the plan is in order".to_owned(),
        0 => format!("{plans} plans are in order"),
        _ => files.iter().map(|name| format!("{word}: {name}\n")).collect(),
    };
    let formatted = answer::FormattedAnswer { files, written: !arguments.check, exit_code: exit.code() };
    console.answer(&text, &Answer::Formatted(formatted))?;
    Ok(exit)
}
