//! What the repository's file and the caller say beyond plans: read once, and only where something asks for it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{
    database_target::DatabaseTarget,
    files::FileAccess,
    problem::{OperationProblem, ProblemKind},
    repository::{FILE, Repository, RepositoryEnvironment, look_upwards},
};
use crate::{machine::Failure, plan::ApprovalPolicy};

/// Which repository is worked in, and which of its environments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The environment's name.
    pub environment: Option<String>,
    /// The repository's file; where there is none it is looked for from the working directory up to the git repository's root.
    pub config: Option<PathBuf>,
}

/// The configuration of one operation. The repository's file is read when it is first asked for, and never twice.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    chosen: Chosen,
    files: FileAccess,
    repository: OnceLock<Option<Arc<Repository>>>,
}

impl Configuration {
    /// Nothing is read yet.
    pub fn new(chosen: Chosen) -> Self {
        Configuration { chosen, ..Configuration::default() }
    }

    /// The same, but that only these files may be read from now on.
    pub fn confined(&self, files: FileAccess) -> Self {
        Configuration { chosen: self.chosen.clone(), files, repository: OnceLock::new() }
    }

    /// The same in an environment, where none is chosen.
    pub fn or_in(&self, environment: Option<&str>) -> Self {
        let mut other = self.clone();
        other.chosen.environment = other.chosen.environment.or_else(|| environment.map(str::to_owned));
        other
    }

    /// What is chosen.
    pub fn chosen(&self) -> &Chosen {
        &self.chosen
    }

    /// How files are read.
    pub fn files(&self) -> &FileAccess {
        &self.files
    }

    /// Where the repository's file is; none where there is none.
    ///
    /// # Errors
    /// Where there is no working directory.
    pub fn repository_file(&self) -> Result<Option<PathBuf>, OperationProblem> {
        match &self.chosen.config {
            Some(path) => Ok(Some(path.clone())),
            None => look_upwards(),
        }
    }

    /// Whether this is the repository's file that was named.
    pub fn is_named(&self, path: &Path) -> bool {
        self.chosen.config.as_deref() == Some(path)
    }

    /// The repository; none where there is none.
    ///
    /// # Errors
    /// Why its file can't be read, and all the file's mistakes.
    pub fn repository(&self) -> Result<Option<&Arc<Repository>>, OperationProblem> {
        if let Some(found) = self.repository.get() {
            return Ok(found.as_ref());
        }
        let path = self.repository_file()?;
        let found = path.map(|path| Repository::read(path, &self.files)).transpose()?.map(Arc::new);
        Ok(self.repository.get_or_init(|| found).as_ref())
    }

    /// The environment that is chosen, if one is.
    ///
    /// # Errors
    /// Where the repository has none of that name, and what is wrong with its file.
    pub fn environment(&self) -> Result<Option<RepositoryEnvironment>, OperationProblem> {
        let Some(name) = &self.chosen.environment else { return Ok(None) };
        match self.repository()? {
            Some(repository) => repository.environment(name, &self.files).map(Some),
            None => {
                let message = format!("there is no {FILE}, so nobody knows the environment `{name}`");
                let help = format!("Run it inside of the repository, name the file with `--config`, or write {FILE} first.");
                Err(OperationProblem::usage("backstop::cli::no_repository", message, help))
            }
        }
    }

    /// Who must have approved what is applied; without a repository nothing is asked for.
    ///
    /// # Errors
    /// What is wrong with the repository's file.
    pub fn approval_policy(&self) -> Result<ApprovalPolicy, OperationProblem> {
        Ok(self.repository()?.map(|found| found.loaded.repository.approval.clone()).unwrap_or_default())
    }

    /// Refuses what nobody has approved where the repository wants approvals. A throwaway server is nobody's. `what` is a noun.
    ///
    /// # Errors
    /// That an approval is needed, and what is wrong with the repository's file.
    pub fn refuse_unapproved(&self, target: &DatabaseTarget, what: &str) -> Result<(), OperationProblem> {
        let ApprovalPolicy { required, .. } = self.approval_policy()?;
        if required == 0 || target.is_throwaway() {
            return Ok(());
        }
        let failure = Failure::permanent(
            "backstop::saved::approval_required",
            format!("{what} can't be applied by itself: {FILE} wants {required} approvals of a saved plan"),
        )
        .hint(
            "Save it with `backstop plan PLAN -o FILE`, have it approved with `backstop approve FILE --key KEY`, and `apply FILE`.",
        );
        Err(OperationProblem::failure(ProblemKind::Invalid, failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repositorys_file_is_read_when_it_is_first_asked_for_and_never_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let configuration = Configuration::new(Chosen { environment: None, config: Some(file.clone()) });
        std::fs::write(&file, "format = \"backstop/v1\"\nplans = [\"here\"]\n").unwrap();
        let plans = || configuration.repository().unwrap().unwrap().plans();
        assert_eq!(plans(), [folder.path().join("here")]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(plans(), [folder.path().join("here")]);
        assert!(configuration.clone().repository().unwrap().is_some());
        assert!(configuration.confined(FileAccess::default()).repository().is_err(), "what is confined reads it again");
    }
}
