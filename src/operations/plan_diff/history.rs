//! What changed in the plans between two commits, or a commit and the working tree.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    super::{
        configuration::Configuration,
        files::FileAccess,
        problem::{OperationProblem, ProblemKind},
        repository::FILE,
        resolve_plans::VariableValues,
    },
    environments::{DiffValues, Readers, arounds, repository},
    git::{ChangedPaths, Git, normal},
    plan_pair::{Around, PlanPair},
    plan_version::{PlanVersion, loaded},
    repository_version::RepositoryVersion,
};
use crate::{
    load::PlanFormat,
    machine::Failure,
    plan::{LintSettings, RepositorySettings},
    render::files_wanted,
    review::{PlanReview, Reviews},
};

/// What changed in the plans that `only` names, or in all.
///
/// # Errors
/// Where git has no such versions, and what is wrong with the repository's file.
pub fn of_git(
    configuration: &Configuration,
    range: &str,
    only: &[PathBuf],
    values: &VariableValues,
) -> Result<Reviews, OperationProblem> {
    let git = Git::here()?;
    let range = git.range(range)?;
    let mut old = RepositoryVersion::of_commit(&git, &range.old)?;
    let mut new = match (&range.new, git.top()) {
        (Some(commit), _) => RepositoryVersion::of_commit(&git, commit)?,
        (None, top) => RepositoryVersion::of_disk(&git, top.unwrap_or(Path::new("")).to_owned())?,
    };
    let settings = match &configuration.chosen().config {
        Some(path) => chosen(&git, std::slice::from_ref(path))?.pop_first(),
        None => settings_file(&git, &new).or_else(|| settings_file(&git, &old)),
    };
    let folder = settings.as_deref().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let then = repository_of(&old, settings.as_deref())?;
    // From here on the working tree is read, and only the base may say that it leads elsewhere.
    let outside = then.as_ref().map(|repository| repository.read_outside.as_slice()).unwrap_or_default();
    let place = git.top().unwrap_or(Path::new("")).join(folder);
    let allowed: Vec<PathBuf> = outside.iter().map(|path| place.join(path)).collect();
    let files = FileAccess::confined(values.files.iter().chain(&configuration.chosen().config), &allowed)?;
    old.read_by(&files);
    new.read_by(&files);
    let (old, new) = (old, new);
    let now = repository_of(&new, settings.as_deref())?;
    let of_repository = |side: &RepositoryVersion<'_>, name: &str| {
        let path = join(folder, name);
        side.has(&path).then(|| side.read(&path)).or_else(|| side.leads_out(&path).then(|| side.read(&path)))
    };
    let of_command_line = |side: &RepositoryVersion<'_>, name: &str| match git.below_top(Path::new(name)) {
        Some(path) if old.has(&path) || new.has(&path) => side.has(&path).then(|| side.read(&path)),
        _ => Some(files.read_quietly(Path::new(name))),
    };
    let readers = Readers {
        of_repository: [&|name| of_repository(&old, name), &|name| of_repository(&new, name)],
        of_command_line: [&|name| of_command_line(&old, name), &|name| of_command_line(&new, name)],
    };
    let arounds = arounds(
        then.as_ref(),
        now.as_ref().or(then.as_ref()),
        &readers,
        &DiffValues { environment: configuration.chosen().environment.as_deref(), values },
    )?;
    let mut roots = BTreeSet::new();
    for path in [&then, &now].into_iter().flatten().flat_map(|repository| &repository.plans) {
        roots.insert(normal(folder, path).ok_or_else(|| outside_of_repository(path))?);
    }
    let looked_at = FileSelection { roots, only: chosen(&git, only)? };
    let changed = git.changed(&range.old, range.new.as_deref(), |path| looked_at.at(path))?;
    refuse_submodules(&old, &new, &looked_at, &changed)?;
    let pairs = pairs(&git, [&old, &new], &changed, &looked_at)?;
    fetch_named(&git, [&old, &new], &pairs)?;
    // Values are files, too: where one changed, or the file that names them did, every plan may mean something else.
    let value_files: BTreeSet<String> = value_files(&git, folder, [&then, &now], settings.as_deref(), values);
    let is_anew = value_files.iter().any(|path| changed.paths.contains(path));
    // What findings weigh is said by the new version for both, so that a change of levels is no change of a plan.
    let lint = now.as_ref().map(|repository| repository.lint.clone()).unwrap_or_default();
    let mut plans = Vec::new();
    for (from, to) in pairs {
        let here = PlanSides { old: from.as_deref().map(|path| (&old, path)), new: to.as_deref().map(|path| (&new, path)) };
        plans.extend(here.reviewed(&changed, is_anew, &arounds, &lint));
    }
    let environments = arounds.iter().filter_map(|around| around.environment.clone()).collect();
    Ok(Reviews { old: range.old_name, new: range.new_name, environments, plans })
}

/// What the repository's file says in a commit; none where it is not there.
///
/// # Errors
/// Where there is no such commit, and what is wrong with the file.
pub fn settings_of_commit(commit: &str, file: &Path) -> Result<Option<RepositorySettings>, OperationProblem> {
    let git = Git::here()?;
    let side = RepositoryVersion::of_commit(&git, &git.commit(commit)?)?;
    let path = git.below_top(file).ok_or_else(|| outside_of_repository(&file.display().to_string()))?;
    repository_of(&side, Some(&path))
}

/// Which files are looked at.
struct FileSelection {
    /// Where plans lie; anywhere where nothing says it.
    roots: BTreeSet<String>,
    /// What the command line chose; everything where it chose nothing.
    only: BTreeSet<String>,
}

impl FileSelection {
    /// Whether a linked folder is meant: one that is named itself, or holds what is named. Commands that walk folders follow no others.
    fn names(&self, link: &str) -> bool {
        self.roots.iter().chain(&self.only).any(|folder| lies_in(folder, link))
    }

    /// Whether plans may lie in a folder.
    fn reaches(&self, folder: &str) -> bool {
        let reached = |named: &BTreeSet<String>| {
            named.is_empty() || named.iter().any(|named| lies_in(folder, named) || lies_in(named, folder))
        };
        reached(&self.roots) && reached(&self.only)
    }

    fn at(&self, path: &str) -> bool {
        let below = |folders: &BTreeSet<String>| folders.is_empty() || folders.iter().any(|folder| lies_in(path, folder));
        PlanFormat::of_path(Path::new(path)).is_some() && !is_settings(path) && below(&self.roots) && below(&self.only)
    }
}

/// Whether a path is that of the folder or below it.
fn lies_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Another repository is not looked into: where plans may lie in one that changed, nobody may take it for unchanged.
fn refuse_submodules(
    old: &RepositoryVersion<'_>,
    new: &RepositoryVersion<'_>,
    looked_at: &FileSelection,
    changed: &ChangedPaths,
) -> Result<(), OperationProblem> {
    let then: BTreeMap<&str, &str> = old.submodules().collect();
    let now: BTreeMap<&str, &str> = new.submodules().collect();
    let paths: BTreeSet<&&str> = then.keys().chain(now.keys()).collect();
    let failures = paths.into_iter().filter(|path| changed.paths.contains(**path) && looked_at.reaches(path)).map(|path| {
        let commit = |side: &BTreeMap<&str, &str>| side.get(path).copied().unwrap_or("nothing").to_owned();
        let (from, to) = (commit(&then), commit(&now));
        let range = if from == to { from.clone() } else { format!("{from}..{to}") };
        let message = format!("{path} is a submodule that changed ({from} to {to}), and is not looked into");
        let help = format!(
            "Compare the plans there: `cd {path}` and `backstop diff --git {range}`. Where no plans lie in it, say in {FILE} where they \
             do (`plans`), or name their folders."
        );
        Failure::permanent("backstop::cli::submodule", message).hint(help)
    });
    let failures: Vec<Failure> = failures.collect();
    if failures.is_empty() { Ok(()) } else { Err(OperationProblem::failures(ProblemKind::Invalid, failures)) }
}

/// Reads what the plans of both versions name, so that it is asked for once.
fn fetch_named(git: &Git, sides: [&RepositoryVersion<'_>; 2], pairs: &[FilePaths]) -> Result<(), OperationProblem> {
    let named = |side: &RepositoryVersion<'_>, path: &Option<String>| -> Vec<String> {
        path.iter().flat_map(|path| files_named(side, path)).collect()
    };
    let mut wanted: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for (from, to) in pairs {
        wanted[0].extend(named(sides[0], from));
        wanted[1].extend(named(sides[1], to));
    }
    fetch(git, sides, wanted)
}

/// Reads files of both versions in one go.
fn fetch(git: &Git, sides: [&RepositoryVersion<'_>; 2], wanted: [Vec<String>; 2]) -> Result<(), OperationProblem> {
    let objects: BTreeSet<String> = sides.into_iter().zip(wanted).flat_map(|(side, paths)| side.objects(paths)).collect();
    let missing: Vec<String> = objects.into_iter().filter(|object| !sides[0].holds(object)).collect();
    let found = git.contents(&missing)?;
    for side in sides {
        side.keep(&found);
    }
    Ok(())
}

/// The files that a plan names, by path from the top, `..` and links in them.
fn files_named(side: &RepositoryVersion<'_>, path: &str) -> Vec<String> {
    let Ok(bytes) = side.read(path) else { return Vec::new() };
    let version = PlanVersion { name: path, bytes: &bytes, beside: &|_| Err(String::new()) };
    let Ok(loaded) = loaded(&version) else { return Vec::new() };
    files_wanted(&loaded.plan).iter().map(|name| join(folder_of(path), name)).collect()
}

/// A path relative to a folder, `..` and all. An absolute one stays what it is.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() || name.starts_with('/') { name.to_owned() } else { format!("{folder}/{name}") }
}

fn outside_of_repository(path: &str) -> OperationProblem {
    let message = format!("{path} lies outside of the repository");
    OperationProblem::usage("backstop::cli::outside", message, "Name files and folders of the repository.")
}

fn is_settings(path: &str) -> bool {
    path == FILE || path.strip_suffix(FILE).is_some_and(|folder| folder.ends_with('/'))
}

fn chosen(git: &Git, only: &[PathBuf]) -> Result<BTreeSet<String>, OperationProblem> {
    let inside = |path: &PathBuf| git.below_top(path).ok_or_else(|| outside_of_repository(&path.display().to_string()));
    only.iter().map(inside).collect()
}

/// The repository's file nearest above where the program was started.
fn settings_file(git: &Git, side: &RepositoryVersion<'_>) -> Option<String> {
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

fn repository_of(side: &RepositoryVersion<'_>, path: Option<&str>) -> Result<Option<RepositorySettings>, OperationProblem> {
    let Some(path) = path.filter(|path| side.has(path)) else { return Ok(None) };
    let bytes = side.read(path).map_err(|why| OperationProblem::usage("backstop::cli::file", why, "Look at the file."))?;
    repository(path, &bytes).map(Some)
}

fn value_files(
    git: &Git,
    folder: &str,
    repositories: [&Option<RepositorySettings>; 2],
    settings: Option<&str>,
    values: &VariableValues,
) -> BTreeSet<String> {
    let environments = repositories.into_iter().flatten().flat_map(|repository| repository.environments.values());
    let of_environments = environments.flat_map(|environment| &environment.values).filter_map(|path| normal(folder, path));
    let given = values.files.iter().filter_map(|path| git.below_top(path));
    of_environments.chain(given).chain(settings.map(str::to_owned)).collect()
}

/// Where a plan's file was and is.
type FilePaths = (Option<String>, Option<String>);

/// The plan files of both versions, brought together by path, by what git takes for a renamed file, and by the plan's name.
fn pairs(
    git: &Git,
    [old, new]: [&RepositoryVersion<'_>; 2],
    changed: &ChangedPaths,
    looked_at: &FileSelection,
) -> Result<Vec<FilePaths>, OperationProblem> {
    let (then, now) = (candidates(old, looked_at), candidates(new, looked_at));
    fetch(git, [old, new], [then.clone(), now.clone()])?;
    let (then, now) = (plans(old, then)?, plans(new, now)?);
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

/// Files that may be plans by their names and places.
fn candidates(side: &RepositoryVersion<'_>, looked_at: &FileSelection) -> Vec<String> {
    side.paths(|link| looked_at.names(link)).into_iter().filter(|path| looked_at.at(path)).collect()
}

/// Those that say that they are plans.
fn plans(side: &RepositoryVersion<'_>, candidates: Vec<String>) -> Result<BTreeSet<String>, OperationProblem> {
    let mut plans = BTreeSet::new();
    for path in candidates {
        // What can't be read might be one.
        let bytes = side.read(&path).map_err(|why| {
            OperationProblem::usage("backstop::cli::file", why, "Look at the file, or name the folders in which plans lie.")
        })?;
        if says_plan(&bytes) {
            plans.insert(path);
        }
    }
    Ok(plans)
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

fn name_of(side: &RepositoryVersion<'_>, path: &str) -> Option<String> {
    let bytes = side.read(path).ok()?;
    let version = PlanVersion { name: path, bytes: &bytes, beside: &|_| Err(String::new()) };
    Some(loaded(&version).ok()?.plan.name.to_string())
}

/// A plan in both versions of a repository.
struct PlanSides<'s> {
    old: Option<(&'s RepositoryVersion<'s>, &'s str)>,
    new: Option<(&'s RepositoryVersion<'s>, &'s str)>,
}

impl PlanSides<'_> {
    fn reviewed(
        &self,
        changed: &ChangedPaths,
        is_anew: bool,
        arounds: &[Around],
        lint: &LintSettings,
    ) -> Option<PlanReview> {
        if !is_anew && !self.is_touched(changed) {
            return None;
        }
        let bytes =
            |side: Option<(&RepositoryVersion<'_>, &str)>| side.map(|(side, path)| side.read(path).unwrap_or_default());
        let (old_bytes, new_bytes) = (bytes(self.old), bytes(self.new));
        let beside_old = |name: &str| beside(self.old, name);
        let beside_new = |name: &str| beside(self.new, name);
        let old = self.old.zip(old_bytes.as_ref());
        let new = self.new.zip(new_bytes.as_ref());
        let pair = PlanPair {
            old: old.map(|((_, name), bytes)| PlanVersion { name, bytes, beside: &beside_old }),
            new: new.map(|((_, name), bytes)| PlanVersion { name, bytes, beside: &beside_new }),
        };
        pair.reviewed(arounds, lint)
    }

    /// Whether the file, or one that it names, differs.
    fn is_touched(&self, changed: &ChangedPaths) -> bool {
        let touched = |(side, path): (&RepositoryVersion<'_>, &str)| {
            let named = files_named(side, path);
            let all = std::iter::once(path.to_owned()).chain(named);
            all.flat_map(|path| side.resolve(&path).stands_on).any(|path| changed.paths.contains(&path))
        };
        self.old.into_iter().chain(self.new).any(touched)
    }
}

fn beside(plan: Option<(&RepositoryVersion<'_>, &str)>, name: &str) -> Result<Vec<u8>, String> {
    let Some((side, path)) = plan else { return Err(format!("{name}: there is no such file")) };
    side.read(&join(folder_of(path), name))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
