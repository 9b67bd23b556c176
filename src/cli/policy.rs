//! Who must have approved what is applied, as the repository says.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{arguments::Place, exit::Exit, problem::Problem};
use crate::{load, machine::Failure, plan::ApprovalPolicy};

/// How the repository's file is called.
const FILE: &str = "backstop.toml";

/// The policy of the repository that the working directory lies in; none asks for nothing.
pub fn of_repository() -> Result<ApprovalPolicy, Problem> {
    let Some(path) = look_upwards()? else { return Ok(ApprovalPolicy::default()) };
    let bytes = fs::read(&path).map_err(|error| Problem::file(&path, &error))?;
    Ok(load::repository(&path.display().to_string(), &bytes)?.repository.approval)
}

fn look_upwards() -> Result<Option<PathBuf>, Problem> {
    let here = env::current_dir().map_err(|error| Problem::file(Path::new("."), &error))?;
    let folders = here.ancestors();
    for folder in folders {
        if folder.join(FILE).is_file() {
            return Ok(Some(folder.join(FILE)));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// Refuses what nobody has approved where the repository wants approvals. A throwaway server is nobody's.
pub fn refuse_unapproved(place: &Place, what: &str) -> Result<(), Problem> {
    let ApprovalPolicy { required, .. } = of_repository()?;
    if required == 0 || place.sandbox {
        return Ok(());
    }
    let failure = Failure::permanent(
        "backstop::saved::approval_required",
        format!("{what} can't be applied by itself: {FILE} wants {required} approvals of a saved plan"),
    )
    .hint("Save it with `backstop plan PLAN -o FILE`, have it approved with `backstop approve FILE --key KEY`, and `apply FILE`.");
    Err(Problem::failure(Exit::Invalid, failure))
}
