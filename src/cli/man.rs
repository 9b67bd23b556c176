//! `backstop man`

use std::fs;

use clap::CommandFactory;

use super::{
    arguments::{Arguments, ManArgs},
    exit::Exit,
    stdio::print,
};
use crate::operations::OperationProblem;

/// The page of the rules of `lint`.
const RULES: &str = "backstop-lint-rules.7";

/// Prints the manual page of the program, or writes one for each command into a folder.
pub fn run(arguments: &ManArgs) -> Result<Exit, OperationProblem> {
    match &arguments.into {
        None => print(page()?.trim_end())?,
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
            .and_then(|()| fs::write(folder.join(RULES), crate::lint::page()))
            .map_err(|error| OperationProblem::file(folder, &error))?,
    }
    Ok(Exit::Done)
}

fn page() -> Result<String, OperationProblem> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command())
        .render(&mut page)
        .map_err(|error| OperationProblem::unexpected(error.to_string()))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
