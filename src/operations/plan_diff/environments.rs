//! The environments of a repository, and the values that plans have in each.

use std::path::Path;

use super::{
    super::{
        problem::{OperationProblem, ProblemKind},
        repository::FILE,
        resolve_plans::VariableValues,
    },
    plan_pair::Around,
    plan_version::VersionValues,
};
use crate::{
    load::{self, PlanFormat},
    machine::Failure,
    plan::{EnvironmentName, EnvironmentSettings, RepositorySettings, Value},
};

/// Reads a file by its name; none where there is none.
pub type EnvironmentFileReader<'a> = &'a dyn Fn(&str) -> Option<Result<Vec<u8>, String>>;

/// What values are read from: the old version and the new one.
pub struct Readers<'a> {
    /// By path relative to the repository's file, as it was and as it is.
    pub of_repository: [EnvironmentFileReader<'a>; 2],
    /// By path as the command line gives it.
    pub of_command_line: [EnvironmentFileReader<'a>; 2],
}

/// The values that plans are looked at with.
#[derive(Debug, Clone, Copy)]
pub struct DiffValues<'a> {
    /// One environment; all where none is named.
    pub environment: Option<&'a str>,
    /// Values of the command line, which win over those of environments.
    pub values: &'a VariableValues,
}

/// The repository's settings in a file.
///
/// # Errors
/// All mistakes of the file.
pub fn repository(name: &str, bytes: &[u8]) -> Result<RepositorySettings, OperationProblem> {
    Ok(load::repository(name, bytes)?.repository)
}

/// Every environment that is wanted, with its values then and now; one without a name where there are none. An environment
/// that was not there before is looked at with the values that it has now.
///
/// # Errors
/// An environment that there is not, and files of values that can't be read.
pub fn arounds(
    then: Option<&RepositorySettings>,
    now: Option<&RepositorySettings>,
    readers: &Readers<'_>,
    wanted: &DiffValues<'_>,
) -> Result<Vec<Around>, OperationProblem> {
    let given = |reader: EnvironmentFileReader<'_>| command_line(reader, wanted.values);
    let (old, new) = (given(readers.of_command_line[0])?, given(readers.of_command_line[1])?);
    let none = std::collections::BTreeMap::new();
    let known = now.map_or(&none, |repository| &repository.environments);
    let names: Vec<&EnvironmentName> = match wanted.environment {
        None => known.keys().collect(),
        Some(name) => vec![find(name, known.keys())?],
    };
    if names.is_empty() {
        return Ok(vec![Around { environment: None, old, new }]);
    }
    let around = |name: &EnvironmentName| {
        let now = known.get(name);
        let then = then.and_then(|repository| repository.environments.get(name)).or(now);
        Ok(Around {
            environment: Some(name.to_string()),
            old: with(then, readers.of_repository[0], &old)?,
            new: with(now, readers.of_repository[1], &new)?,
        })
    };
    names.into_iter().map(around).collect()
}

fn find<'n>(
    name: &str,
    mut known: impl Iterator<Item = &'n EnvironmentName> + Clone,
) -> Result<&'n EnvironmentName, OperationProblem> {
    let names: Vec<String> = known.clone().map(ToString::to_string).collect();
    known.find(|known| known.as_str() == name).ok_or_else(|| {
        let help = match names.as_slice() {
            [] => format!("{FILE} names none, or there is no such file."),
            names => format!("{FILE} names {}.", names.join(", ")),
        };
        OperationProblem::usage("backstop::cli::environment", format!("there is no environment `{name}`"), help)
    })
}

fn command_line(reader: EnvironmentFileReader<'_>, given: &VariableValues) -> Result<VersionValues, OperationProblem> {
    let mut setting = VersionValues { values: Vec::new(), assignments: given.assignments.clone() };
    for path in &given.files {
        setting.values.extend(values(&path.display().to_string(), reader)?);
    }
    Ok(setting)
}

/// An environment's values beneath those of the command line.
fn with(
    settings: Option<&EnvironmentSettings>,
    reader: EnvironmentFileReader<'_>,
    given: &VersionValues,
) -> Result<VersionValues, OperationProblem> {
    let mut setting = VersionValues { values: Vec::new(), assignments: given.assignments.clone() };
    if let Some(EnvironmentSettings { connection: _, values: files, vars, at: _ }) = settings {
        for file in files {
            setting.values.extend(values(file, reader)?);
        }
        setting.values.extend(vars.iter().map(|(name, value)| (name.to_string(), value.clone())));
    }
    setting.values.extend(given.values.iter().cloned());
    Ok(setting)
}

/// A file that one of the versions has not gives no values there.
fn values(name: &str, reader: EnvironmentFileReader<'_>) -> Result<Vec<(String, Value)>, OperationProblem> {
    let Some(read) = reader(name) else { return Ok(Vec::new()) };
    let bytes = read.map_err(|why| {
        let failure = Failure::permanent("backstop::cli::file", why).hint("Look at the path and at its permissions.");
        OperationProblem::failure(ProblemKind::Usage, failure)
    })?;
    let format = PlanFormat::of_path(Path::new(name)).unwrap_or(PlanFormat::Yaml);
    Ok(load::values(name, &bytes, format)?)
}
