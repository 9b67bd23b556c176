//! Which plan files an operation is to work on: those that it is given, those in folders that it is given, or the repository's.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    configuration::Configuration,
    problem::OperationProblem,
    repository::FILE,
    resolve_plans::{VariableValues, read_ordered, resolve_all},
    watcher::{OperationNotice, Watcher},
};
use crate::{
    load::{PlanFormat, is_plan},
    render::ResolvedPlan,
};

/// Deepest folder below one that is given.
const DEPTH_MAX: usize = 32;
/// Most files that folders may hold, plans or not.
const FILES_MAX: usize = 100_000;

/// A plan as it would run, and where it stands.
#[derive(Debug, Clone)]
pub struct PlanFile {
    /// As the command was given it, or found it in a folder.
    pub path: PathBuf,
    /// Rendered with all values that apply.
    pub plan: ResolvedPlan,
}

/// The plans of files and folders, rendered, each behind those that it requires, else by path; the repository's where none is given.
///
/// # Errors
/// Files that can't be read, and all mistakes of the first plan that has some.
pub fn read(
    configuration: &Configuration,
    given: &[PathBuf],
    values: &VariableValues,
    watcher: &mut dyn Watcher,
) -> Result<Vec<PlanFile>, OperationProblem> {
    let loaded = read_ordered(configuration.files(), &collect(configuration, given, watcher)?)?;
    let resolved = resolve_all(configuration, &loaded, values)?;
    Ok(loaded.into_iter().zip(resolved).map(|((path, _), plan)| PlanFile { path, plan }).collect())
}

/// The plan files that are meant. Folders stand for all plans in them, at any depth; what is no plan there is left out
/// with a word. Where nothing is given, the repository says which plans are meant.
///
/// # Errors
/// What can't be read, and that there is no plan.
pub fn collect(
    configuration: &Configuration,
    given: &[PathBuf],
    watcher: &mut dyn Watcher,
) -> Result<Vec<PathBuf>, OperationProblem> {
    let given = if given.is_empty() { of_repository(configuration)? } else { given.to_vec() };
    let mut found = PlanFileSearch::default();
    for path in &given {
        let metadata = fs::metadata(path).map_err(|error| OperationProblem::file(path, &error))?;
        if metadata.is_dir() {
            found.walk(path, configuration, 0)?;
        } else {
            found.add(path);
        }
    }
    if !found.skipped.is_empty() {
        watcher.notice(OperationNotice::LeftOut(&found.skipped))?;
    }
    if found.plans.is_empty() {
        let folders = given.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "A plan is a YAML or TOML file that begins with `format: backstop/v1`; `backstop new NAME` writes one.";
        return Err(OperationProblem::usage("backstop::cli::no_plans", format!("{folders}: no plan there"), help));
    }
    Ok(found.plans)
}

fn of_repository(configuration: &Configuration) -> Result<Vec<PathBuf>, OperationProblem> {
    let plans = configuration.repository()?.map(|repository| repository.plans()).unwrap_or_default();
    if plans.is_empty() {
        let message = "no plan is given";
        let help = format!("Name plan files or folders, or write `plans = [\"plans\"]` into {FILE}.");
        return Err(OperationProblem::usage("backstop::cli::no_plans", message, help));
    }
    Ok(plans)
}

#[derive(Default)]
struct PlanFileSearch {
    plans: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
    skipped: Vec<PathBuf>,
    files: usize,
}

impl PlanFileSearch {
    /// A file that two ways lead to is one plan.
    fn add(&mut self, path: &Path) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            self.plans.push(path.to_owned());
        }
    }

    /// What begins with a dot is left out without a word, and so are folders behind links: Kubernetes mounts files as links
    /// into a hidden folder.
    fn walk(&mut self, folder: &Path, configuration: &Configuration, depth: usize) -> Result<(), OperationProblem> {
        let failed = |error: io::Error| OperationProblem::file(folder, &error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            entries.push(entry.map_err(failed)?.path());
        }
        entries.sort();
        for path in entries {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with('.') {
                continue;
            }
            let link = fs::symlink_metadata(&path).map_err(|error| OperationProblem::file(&path, &error))?;
            if link.is_dir() {
                if depth >= DEPTH_MAX {
                    return Err(too_much(&path, format!("folders are nested more than {DEPTH_MAX} deep")));
                }
                self.walk(&path, configuration, depth + 1)?;
            } else if !path.is_dir() {
                self.look_at(&path, &name, configuration)?;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, path: &Path, name: &str, configuration: &Configuration) -> Result<(), OperationProblem> {
        self.files += 1;
        if self.files > FILES_MAX {
            return Err(too_much(path, format!("folders hold more than {FILES_MAX} files")));
        }
        let Some(format) = PlanFormat::of_path(path) else { return Ok(()) };
        let is_settings = name == FILE || configuration.is_named(path);
        if is_settings {
            return Ok(());
        }
        match is_plan(&configuration.files().read(path)?, format) {
            true => self.add(path),
            false => self.skipped.push(path.to_owned()),
        }
        Ok(())
    }
}

fn too_much(path: &Path, message: String) -> OperationProblem {
    OperationProblem::usage(
        "backstop::cli::too_many_files",
        format!("{}: {message}", path.display()),
        "Name the plans' own folder.",
    )
}
