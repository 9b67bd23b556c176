//! The repository that an operation works in: its file is looked for, read, and its environments are made use of.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    files::FileAccess,
    problem::{OperationProblem, ProblemKind},
};
use crate::{
    load::{self, LoadedRepository},
    machine::Failure,
    plan::{ConnectionSource, EnvironmentName, EnvironmentSettings, SecretSource, Value},
};

/// How the repository's file is called.
pub const FILE: &str = "backstop.toml";
/// Most folders that are looked into on the way up.
const FOLDERS_MAX: usize = 64;

/// A repository: its settings, and where its file lies.
#[derive(Debug)]
pub struct Repository {
    /// What the file says, and the file.
    pub loaded: LoadedRepository,
    /// The file's path.
    pub path: PathBuf,
}

impl Repository {
    /// The repository of this file.
    ///
    /// # Errors
    /// Why the file can't be read, and all its mistakes.
    pub fn read(path: PathBuf, files: &FileAccess) -> Result<Self, OperationProblem> {
        let loaded = load::repository(&path.display().to_string(), &files.read(&path)?)?;
        Ok(Repository { loaded, path })
    }

    /// A path of the file's as the working directory sees it.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(relative)
    }

    /// The plans that commands take where they are given none.
    pub fn plans(&self) -> Vec<PathBuf> {
        self.loaded.repository.plans.iter().map(|plan| self.path(plan)).collect()
    }

    /// One of its environments.
    ///
    /// # Errors
    /// Where it has none of that name.
    pub fn environment(self: &Arc<Self>, name: &str, files: &FileAccess) -> Result<RepositoryEnvironment, OperationProblem> {
        let known: Vec<&str> = self.loaded.repository.environments.keys().map(EnvironmentName::as_str).collect();
        let found = EnvironmentName::parse(name).ok().filter(|_| known.contains(&name));
        match found {
            Some(name) => Ok(RepositoryEnvironment { repository: Arc::clone(self), name, files: files.clone() }),
            None => {
                let message = format!("{} has no environment `{name}`", self.path.display());
                let help = match known.is_empty() {
                    true => format!("Add it: `[environments.{name}]`."),
                    false => load::instead(name, &known),
                };
                Err(OperationProblem::usage("backstop::cli::unknown_environment", message, help))
            }
        }
    }
}

/// An environment of a repository.
#[derive(Debug)]
pub struct RepositoryEnvironment {
    repository: Arc<Repository>,
    name: EnvironmentName,
    files: FileAccess,
}

impl RepositoryEnvironment {
    /// As `backstop.toml` has it.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// How to connect to its database, as libpq writes it; none where the file leaves that to the process's surroundings.
    pub fn connection(&self) -> Result<Option<String>, OperationProblem> {
        let Some(source) = self.settings().and_then(|settings| settings.connection.as_ref()) else { return Ok(None) };
        let found = match source {
            ConnectionSource::Url(url) => Ok(url.clone()),
            ConnectionSource::Service(service) => Ok(format!("service={}", quoted(service))),
            ConnectionSource::Env(variable) => {
                env::var(variable).map_err(|_| format!("the environment variable {variable} is not set"))
            }
            ConnectionSource::File(file) => {
                let path = self.repository.path(file);
                self.files.read_words(&path).map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            }
        };
        match found {
            Ok(text) if text.trim().is_empty() => Err(self.no_connection("what stands there is empty")),
            Ok(text) => Ok(Some(text)),
            Err(why) => Err(self.no_connection(&why)),
        }
    }

    /// The files with its values, the later ones winning.
    pub fn values_files(&self) -> Vec<PathBuf> {
        let files = self.settings().map(|settings| settings.values.as_slice()).unwrap_or_default();
        files.iter().map(|file| self.repository.path(file)).collect()
    }

    /// Its values, which win over those of its files. A secret's file lies where the repository's file says, whatever the plan.
    pub fn vars(&self) -> Result<Vec<(String, Value)>, OperationProblem> {
        let Some(settings) = self.settings() else { return Ok(Vec::new()) };
        let placed = |value: &Value| -> Result<Value, OperationProblem> {
            let Value::Secret(SecretSource::File(file)) = value else { return Ok(value.clone()) };
            let path = self.repository.path(file);
            let path = std::path::absolute(&path).map_err(|error| OperationProblem::file(&path, &error))?;
            Ok(Value::Secret(SecretSource::File(path.display().to_string())))
        };
        settings.vars.iter().map(|(name, value)| Ok((name.to_string(), placed(value)?))).collect()
    }

    fn settings(&self) -> Option<&EnvironmentSettings> {
        self.repository.loaded.repository.environments.get(&self.name)
    }

    fn no_connection(&self, why: &str) -> OperationProblem {
        let message = format!("the environment `{}` can't say where its database is: {why}", self.name);
        let help = "Set it, or give `--database-url`. DATABASE_URL is not taken instead: it may be another database's.";
        OperationProblem::failure(ProblemKind::Usage, Failure::permanent("backstop::cli::no_connection", message).hint(help))
    }
}

/// The repository's file in the working directory or above it, up to the root of the git repository. Outside of one only the
/// working directory counts: a file further up may be anybody's.
///
/// # Errors
/// Where there is no working directory.
pub fn look_upwards() -> Result<Option<PathBuf>, OperationProblem> {
    let failed = |error: std::io::Error| OperationProblem::file(Path::new("."), &error);
    let here = env::current_dir().map_err(failed)?;
    let (mut found, mut way) = (None, PathBuf::new());
    for folder in here.ancestors().take(FOLDERS_MAX) {
        let is_here = way.as_os_str().is_empty();
        if found.is_none() && folder.join(FILE).is_file() {
            if is_here {
                return Ok(Some(PathBuf::from(FILE)));
            }
            found = Some(way.join(FILE));
        }
        if folder.join(".git").exists() {
            return Ok(found);
        }
        way.push("..");
    }
    Ok(None)
}

/// A value of a key=value string.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
