//! What changed between two files.

use std::path::Path;

use super::{
    super::{configuration::Configuration, problem::OperationProblem, resolve_plans::VariableValues},
    environments::{DiffValues, Readers, arounds},
    plan_pair::PlanPair,
    plan_version::PlanVersion,
};
use crate::review::Reviews;

/// What changed between two files, each with the files beside it. `configuration` is confined to what may be read.
///
/// # Errors
/// Files that can't be read; that one of them is no valid plan is part of the review.
pub fn of_files(
    configuration: &Configuration,
    old: &Path,
    new: &Path,
    values: &VariableValues,
) -> Result<Reviews, OperationProblem> {
    let read_quietly = |path: &Path| configuration.files().read_quietly(path);
    let found = configuration.repository()?;
    let settings = found.map(|repository| &repository.loaded.repository);
    let of_repository = |name: &str| found.map(|repository| read_quietly(&repository.path(name)));
    let of_command_line = |name: &str| Some(read_quietly(Path::new(name)));
    let readers =
        Readers { of_repository: [&of_repository, &of_repository], of_command_line: [&of_command_line, &of_command_line] };
    let arounds = arounds(
        settings,
        settings,
        &readers,
        &DiffValues { environment: configuration.chosen().environment.as_deref(), values },
    )?;
    let bytes = |path: &Path| {
        read_quietly(path)
            .map_err(|why| OperationProblem::usage("backstop::cli::file", why, "Look at the path and at its permissions."))
    };
    let (old_bytes, new_bytes) = (bytes(old)?, bytes(new)?);
    let beside = |path: &Path| {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        move |name: &str| read_quietly(&folder.join(name))
    };
    let (beside_old, beside_new) = (beside(old), beside(new));
    let (old_name, new_name) = (old.display().to_string(), new.display().to_string());
    let pair = PlanPair {
        old: Some(PlanVersion { name: &old_name, bytes: &old_bytes, beside: &beside_old }),
        new: Some(PlanVersion { name: &new_name, bytes: &new_bytes, beside: &beside_new }),
    };
    let lint = settings.map(|settings| settings.lint.clone()).unwrap_or_default();
    let plans = pair.reviewed(&arounds, &lint).into_iter().collect();
    let environments = arounds.iter().filter_map(|around| around.environment.clone()).collect();
    Ok(Reviews { old: old_name.clone(), new: new_name.clone(), environments, plans })
}
