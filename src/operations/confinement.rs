//! What operations may read that look at strangers' changes.

use std::path::{Path, PathBuf};

use super::{
    configuration::Configuration, files::FileAccess, plan_diff::settings_of_commit, problem::OperationProblem,
    repository::FILE, resolve_plans::VariableValues,
};

/// The same configuration, confined to the repository, to what is named, and to what the base allows: a commit.
///
/// # Errors
/// Where there is no such commit, and what is wrong with the repository's file there.
pub fn confined(
    configuration: &Configuration,
    plans: &[PathBuf],
    values: &VariableValues,
    base: Option<&str>,
) -> Result<Configuration, OperationProblem> {
    let allowed = match base {
        Some(commit) => allowed_by(commit, configuration)?,
        None => Vec::new(),
    };
    let named = plans.iter().chain(&values.files).chain(&configuration.chosen().config);
    Ok(configuration.confined(FileAccess::confined(named, &allowed)?))
}

/// What the repository's file names, as the commit has it. The paths are those of the working tree.
fn allowed_by(commit: &str, configuration: &Configuration) -> Result<Vec<PathBuf>, OperationProblem> {
    let file = configuration.repository_file()?.unwrap_or_else(|| PathBuf::from(FILE));
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let settings = settings_of_commit(commit, &file)?;
    Ok(settings.map(|settings| settings.read_outside).unwrap_or_default().iter().map(|path| folder.join(path)).collect())
}
