//! Which plan files a command is to work on: those that it is given, those in folders that it is given, or the repository's.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    arguments::{Chosen, Values},
    console::Console,
    files::read,
    problem::Problem,
    reading::{read_ordered, resolve_all},
    repository::{FILE, Repository},
};
use crate::{
    load::{Format, is_plan},
    render::ResolvedPlan,
};

/// Deepest folder below one that is given.
const DEPTH_MAX: usize = 32;
/// Most files that folders may hold, plans or not.
const FILES_MAX: usize = 100_000;
/// Most files without a plan that are named.
const SKIPPED_SHOWN: usize = 5;

/// The plans that a command was given, rendered, each behind those that it requires, else by path. With each goes its file.
pub fn resolved(given: &[PathBuf], values: &Values, console: &Console) -> Result<Vec<(PathBuf, ResolvedPlan)>, Problem> {
    let loaded = read_ordered(&collect(given, &values.chosen, console)?)?;
    let resolved = resolve_all(&loaded, values)?;
    Ok(loaded.into_iter().map(|(path, _)| path).zip(resolved).collect())
}

/// The plan files that a command was given. Folders stand for all plans in them, at any depth; what is no plan there is left out
/// with a word. Where nothing is given, the repository says which plans are meant.
pub fn collect(given: &[PathBuf], chosen: &Chosen, console: &Console) -> Result<Vec<PathBuf>, Problem> {
    let given = if given.is_empty() { of_repository(chosen)? } else { given.to_vec() };
    let mut found = Found::default();
    for path in &given {
        let metadata = fs::metadata(path).map_err(|error| Problem::file(path, &error))?;
        if metadata.is_dir() {
            found.walk(path, chosen, 0)?;
        } else {
            found.add(path);
        }
    }
    if !found.skipped.is_empty() {
        console.warn(&skipped(&found.skipped))?;
    }
    if found.plans.is_empty() {
        let folders = given.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "A plan is a YAML or TOML file that begins with `format: backstop/v1`; `backstop new NAME` writes one.";
        return Err(Problem::usage("backstop::cli::no_plans", format!("{folders}: no plan there"), help));
    }
    Ok(found.plans)
}

fn of_repository(chosen: &Chosen) -> Result<Vec<PathBuf>, Problem> {
    let plans = Repository::find(chosen)?.map(|repository| repository.plans()).unwrap_or_default();
    if plans.is_empty() {
        let message = "no plan is given";
        let help = format!("Name plan files or folders, or write `plans = [\"plans\"]` into {FILE}.");
        return Err(Problem::usage("backstop::cli::no_plans", message, help));
    }
    Ok(plans)
}

#[derive(Default)]
struct Found {
    plans: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
    skipped: Vec<PathBuf>,
    files: usize,
}

impl Found {
    /// A file that two ways lead to is one plan.
    fn add(&mut self, path: &Path) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            self.plans.push(path.to_owned());
        }
    }

    /// What begins with a dot is left out without a word, and so are folders behind links: Kubernetes mounts files as links
    /// into a hidden folder.
    fn walk(&mut self, folder: &Path, chosen: &Chosen, depth: usize) -> Result<(), Problem> {
        let failed = |error: io::Error| Problem::file(folder, &error);
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
            let link = fs::symlink_metadata(&path).map_err(|error| Problem::file(&path, &error))?;
            if link.is_dir() {
                if depth >= DEPTH_MAX {
                    return Err(too_much(&path, format!("folders are nested more than {DEPTH_MAX} deep")));
                }
                self.walk(&path, chosen, depth + 1)?;
            } else if !path.is_dir() {
                self.look_at(&path, &name, chosen)?;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, path: &Path, name: &str, chosen: &Chosen) -> Result<(), Problem> {
        self.files += 1;
        if self.files > FILES_MAX {
            return Err(too_much(path, format!("folders hold more than {FILES_MAX} files")));
        }
        let Some(format) = Format::of_path(path) else { return Ok(()) };
        let is_settings = name == FILE || chosen.config.as_deref() == Some(path);
        if is_settings {
            return Ok(());
        }
        match is_plan(&read(path)?, format) {
            true => self.add(path),
            false => self.skipped.push(path.to_owned()),
        }
        Ok(())
    }
}

fn too_much(path: &Path, message: String) -> Problem {
    Problem::usage("backstop::cli::too_many_files", format!("{}: {message}", path.display()), "Name the plans' own folder.")
}

fn skipped(files: &[PathBuf]) -> String {
    let shown = files.iter().take(SKIPPED_SHOWN).map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let more = match files.len().saturating_sub(SKIPPED_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("left out, no plans: {shown}{more}")
}
