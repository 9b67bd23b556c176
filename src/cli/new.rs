//! `backstop new` and `backstop init`: files to begin with.

use super::{
    answer::{Answer, WrittenFilesAnswer},
    arguments::{InitArgs, NewArgs},
    console::Console,
    exit::Exit,
};
use crate::operations::{
    Configuration, OperationProblem,
    scaffold::{new_plan, new_repository},
};

/// Writes a plan to begin with.
pub fn run(arguments: &NewArgs, console: &Console) -> Result<Exit, OperationProblem> {
    let configuration = Configuration::new(arguments.chosen.clone());
    let path = new_plan(&configuration, &arguments.name, arguments.kind.into(), arguments.into.as_deref())?;
    let path = path.display().to_string();
    let text = format!(
        "{path}: a plan to begin with. Change it to what you need, then\n  backstop render {path}\n  backstop apply {path} --sandbox --sandbox-sql schema.sql"
    );
    let written = WrittenFilesAnswer { files: vec![path], kept: Vec::new(), exit_code: Exit::Done.code() };
    console.answer(&text, &Answer::Written(written))?;
    Ok(Exit::Done)
}

/// Makes a repository of plans.
pub fn init(arguments: &InitArgs, console: &Console) -> Result<Exit, OperationProblem> {
    let made = new_repository(&arguments.folder)?;
    let names = |paths: &[std::path::PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    let (files, kept) = (names(&made.files), names(&made.kept));
    let line = |word: &str, paths: &[String]| paths.iter().map(|path| format!("{word:8}{path}\n")).collect::<String>();
    let text = format!(
        "{}{}next:\n  backstop new my-change --kind add-column   a plan to begin with\n  backstop apply --environment production    runs all plans that are not applied yet",
        line("written", &files),
        line("kept", &kept)
    );
    console.answer(&text, &Answer::Written(WrittenFilesAnswer { files, kept, exit_code: Exit::Done.code() }))?;
    Ok(Exit::Done)
}
