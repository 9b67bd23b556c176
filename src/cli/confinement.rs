//! What commands may read that look at strangers' changes.

use std::path::{Path, PathBuf};

use super::{
    arguments::Values,
    files,
    problem::Problem,
    repository::{FILE, Repository},
    review::settings_of_commit,
};

/// Confines this process to the repository, to what the command line names, and to what the base allows.
pub fn confine(plans: &[PathBuf], values: &Values, base: Option<&str>) -> Result<(), Problem> {
    let allowed = match base {
        Some(commit) => allowed_by(commit, values)?,
        None => Vec::new(),
    };
    files::confine(plans.iter().chain(&values.values).chain(&values.chosen.config), &allowed)
}

/// What the repository's file names, as the commit has it. The paths are those of the working tree.
fn allowed_by(commit: &str, values: &Values) -> Result<Vec<PathBuf>, Problem> {
    let file = match &values.chosen.config {
        Some(path) => path.clone(),
        None => match Repository::find(&values.chosen)? {
            Some(repository) => repository.path,
            None => PathBuf::from(FILE),
        },
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let settings = settings_of_commit(commit, &file)?;
    Ok(settings.map(|settings| settings.read_outside).unwrap_or_default().iter().map(|path| folder.join(path)).collect())
}
