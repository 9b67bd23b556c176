//! `diff --git`: the plans of two commits, or of a commit and the working tree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    super::{arguments::Diff, problem::Problem, repository::FILE},
    environments::{Readers, arounds, repository},
    git::{Changed, Git, normal},
    pair::{Around, Pair},
    side::Side,
    version::{Version, loaded},
};
use crate::{
    load::Format,
    plan::{LintSettings, Repository},
    render::files_wanted,
    review::{PlanReview, Reviews},
};

/// What changed in the plans that `only` names, or in all.
///
/// # Errors
/// Where git has no such versions, and what is wrong with the repository's file.
pub fn of_git(range: &str, only: &[PathBuf], arguments: &Diff) -> Result<Reviews, Problem> {
    let git = Git::here()?;
    let range = git.range(range)?;
    let old = Side::of_commit(&git, &range.old)?;
    let new = match (&range.new, git.top()) {
        (Some(commit), _) => Side::of_commit(&git, commit)?,
        (None, top) => Side::of_disk(&git, top.unwrap_or(Path::new("")).to_owned())?,
    };
    let changed = git.changed(&range.old, range.new.as_deref())?;
    let settings = match &arguments.values.chosen.config {
        Some(path) => chosen(&git, std::slice::from_ref(path))?.pop_first(),
        None => settings_file(&git, &new).or_else(|| settings_file(&git, &old)),
    };
    let (then, now) = (repository_of(&old, settings.as_deref())?, repository_of(&new, settings.as_deref())?);
    let folder = settings.as_deref().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let of_repository = |side: &Side<'_>, name: &str| normal(folder, name).filter(|p| side.has(p)).map(|p| side.read(&p));
    let of_command_line = |side: &Side<'_>, name: &str| match git.below_top(Path::new(name)) {
        Some(path) if old.has(&path) || new.has(&path) => side.has(&path).then(|| side.read(&path)),
        _ => Some(fs::read(name).map_err(|error| format!("{name}: {error}"))),
    };
    let readers = Readers {
        of_repository: [&|name| of_repository(&old, name), &|name| of_repository(&new, name)],
        of_command_line: [&|name| of_command_line(&old, name), &|name| of_command_line(&new, name)],
    };
    let arounds = arounds(then.as_ref(), now.as_ref().or(then.as_ref()), &readers, arguments)?;
    let roots: BTreeSet<String> = [&then, &now]
        .into_iter()
        .flatten()
        .flat_map(|repository| &repository.plans)
        .filter_map(|p| normal(folder, p))
        .collect();
    let looked_at = Looked { roots, only: chosen(&git, only)? };
    let pairs = pairs(&old, &new, &changed, &looked_at)?;
    // Values are files, too: where one changed, or the file that names them did, every plan may mean something else.
    let value_files: BTreeSet<String> = value_files(&git, folder, [&then, &now], settings.as_deref(), arguments);
    let is_anew = value_files.iter().any(|path| changed.paths.contains(path));
    // What findings weigh is said by the new version for both, so that a change of levels is no change of a plan.
    let lint = now.as_ref().map(|repository| repository.lint.clone()).unwrap_or_default();
    let mut plans = Vec::new();
    for (from, to) in pairs {
        let here = Here { old: from.as_deref().map(|path| (&old, path)), new: to.as_deref().map(|path| (&new, path)) };
        plans.extend(here.reviewed(&changed, is_anew, &arounds, &lint));
    }
    let environments = arounds.iter().filter_map(|around| around.environment.clone()).collect();
    Ok(Reviews { old: range.old_name, new: range.new_name, environments, plans })
}

/// Which files are looked at.
struct Looked {
    /// Where plans lie; anywhere where nothing says it.
    roots: BTreeSet<String>,
    /// What the command line chose; everything where it chose nothing.
    only: BTreeSet<String>,
}

impl Looked {
    fn at(&self, path: &str) -> bool {
        let below = |folders: &BTreeSet<String>| {
            let lies_in = |folder: &String| {
                folder.is_empty()
                    || path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            folders.is_empty() || folders.iter().any(lies_in)
        };
        Format::of_path(Path::new(path)).is_some() && !is_settings(path) && below(&self.roots) && below(&self.only)
    }
}

fn is_settings(path: &str) -> bool {
    path == FILE || path.strip_suffix(FILE).is_some_and(|folder| folder.ends_with('/'))
}

fn chosen(git: &Git, only: &[PathBuf]) -> Result<BTreeSet<String>, Problem> {
    let inside = |path: &PathBuf| {
        git.below_top(path).ok_or_else(|| {
            let message = format!("{} lies outside of the repository", path.display());
            Problem::usage("backstop::cli::outside", message, "Name files and folders of the repository.")
        })
    };
    only.iter().map(inside).collect()
}

/// The repository's file nearest above where the program was started.
fn settings_file(git: &Git, side: &Side<'_>) -> Option<String> {
    let mut folder = git.prefix().trim_end_matches('/');
    loop {
        let path = if folder.is_empty() { FILE.to_owned() } else { format!("{folder}/{FILE}") };
        if side.has(&path) {
            return Some(path);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn repository_of(side: &Side<'_>, path: Option<&str>) -> Result<Option<Repository>, Problem> {
    let Some(path) = path.filter(|path| side.has(path)) else { return Ok(None) };
    let bytes = side.read(path).map_err(|why| Problem::usage("backstop::cli::file", why, "Look at the file."))?;
    repository(path, &bytes).map(Some)
}

fn value_files(
    git: &Git,
    folder: &str,
    repositories: [&Option<Repository>; 2],
    settings: Option<&str>,
    arguments: &Diff,
) -> BTreeSet<String> {
    let environments = repositories.into_iter().flatten().flat_map(|repository| repository.environments.values());
    let of_environments = environments.flat_map(|environment| &environment.values).filter_map(|path| normal(folder, path));
    let given = arguments.values.values.iter().filter_map(|path| git.below_top(path));
    of_environments.chain(given).chain(settings.map(str::to_owned)).collect()
}

/// Where a plan's file was and is.
type Paths = (Option<String>, Option<String>);

/// The plan files of both versions, brought together by path, by what git takes for a renamed file, and by the plan's name.
fn pairs(old: &Side<'_>, new: &Side<'_>, changed: &Changed, looked_at: &Looked) -> Result<Vec<Paths>, Problem> {
    let (then, now) = (plans(old, looked_at)?, plans(new, looked_at)?);
    let mut gone: BTreeMap<String, Option<String>> = then.iter().map(|path| (path.clone(), name_of(old, path))).collect();
    let mut pairs = Vec::new();
    let mut fresh = Vec::new();
    // What is no plan any more by its look is still the new version of what was one.
    let still = then.iter().filter(|path| new.has(path)).cloned();
    for path in now.iter().cloned().chain(still).collect::<BTreeSet<_>>() {
        let renamed = changed.renamed.get(&path).filter(|_| !old.has(&path)).cloned();
        let from = if then.contains(&path) { Some(path.clone()) } else { renamed.filter(|from| then.contains(from)) };
        match from {
            Some(from) => {
                gone.remove(&from);
                pairs.push((Some(from), Some(path)));
            }
            None => fresh.push(path),
        }
    }
    for path in fresh {
        let name = name_of(new, &path);
        let same = gone.iter().find(|(_, was)| was.is_some() && **was == name).map(|(from, _)| from.clone());
        if let Some(from) = &same {
            gone.remove(from);
        }
        pairs.push((same, Some(path)));
    }
    pairs.extend(gone.into_keys().map(|from| (Some(from), None)));
    pairs.sort_by(|one, other| one.1.as_ref().or(one.0.as_ref()).cmp(&other.1.as_ref().or(other.0.as_ref())));
    Ok(pairs)
}

/// Files that say that they are plans.
fn plans(side: &Side<'_>, looked_at: &Looked) -> Result<BTreeSet<String>, Problem> {
    let candidates: Vec<String> = side.paths().filter(|path| looked_at.at(path)).map(str::to_owned).collect();
    side.fetch(&candidates)?;
    let is_plan = |path: &String| side.read(path).is_ok_and(|bytes| says_plan(&bytes));
    Ok(candidates.into_iter().filter(is_plan).collect())
}

/// Whether a line gives the format of plans.
fn says_plan(bytes: &[u8]) -> bool {
    let says = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches(['\u{feff}', ' ', '{', '"', '\'']);
        line.starts_with("format") && line.contains("backstop/v1")
    };
    bytes.split(|byte| *byte == b'\n').any(says)
}

fn name_of(side: &Side<'_>, path: &str) -> Option<String> {
    let bytes = side.read(path).ok()?;
    let version = Version { name: path, bytes: &bytes, beside: &|_| Err(String::new()) };
    Some(loaded(&version).ok()?.plan.name.to_string())
}

/// A plan in both versions of a repository.
struct Here<'s> {
    old: Option<(&'s Side<'s>, &'s str)>,
    new: Option<(&'s Side<'s>, &'s str)>,
}

impl Here<'_> {
    fn reviewed(&self, changed: &Changed, is_anew: bool, arounds: &[Around], lint: &LintSettings) -> Option<PlanReview> {
        if !is_anew && !self.is_touched(changed) {
            return None;
        }
        let bytes = |side: Option<(&Side<'_>, &str)>| side.map(|(side, path)| side.read(path).unwrap_or_default());
        let (old_bytes, new_bytes) = (bytes(self.old), bytes(self.new));
        let beside_old = |name: &str| beside(self.old, name);
        let beside_new = |name: &str| beside(self.new, name);
        let old = self.old.zip(old_bytes.as_ref());
        let new = self.new.zip(new_bytes.as_ref());
        let pair = Pair {
            old: old.map(|((_, name), bytes)| Version { name, bytes, beside: &beside_old }),
            new: new.map(|((_, name), bytes)| Version { name, bytes, beside: &beside_new }),
        };
        pair.reviewed(arounds, lint)
    }

    /// Whether the file, or one that it names, differs.
    fn is_touched(&self, changed: &Changed) -> bool {
        let touched = |(side, path): (&Side<'_>, &str)| {
            if changed.paths.contains(path) {
                return true;
            }
            let Ok(bytes) = side.read(path) else { return true };
            let version = Version { name: path, bytes: &bytes, beside: &|_| Err(String::new()) };
            let Ok(loaded) = loaded(&version) else { return false };
            let named = files_wanted(&loaded.plan);
            named.iter().filter_map(|name| normal(folder_of(path), name)).any(|file| changed.paths.contains(&file))
        };
        self.old.into_iter().chain(self.new).any(touched)
    }
}

fn beside(plan: Option<(&Side<'_>, &str)>, name: &str) -> Result<Vec<u8>, String> {
    let Some((side, path)) = plan else { return Err(format!("{name}: there is no such file")) };
    match normal(folder_of(path), name) {
        Some(file) => side.read(&file),
        None => Err(format!("{name}: it lies outside of the repository")),
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
