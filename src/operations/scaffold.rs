//! Files to begin with: a repository of plans, and plans in it. What is there already is never written over.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    ops::Deref,
    path::{Component, Path, PathBuf},
};

use super::{
    configuration::Configuration,
    problem::OperationProblem,
    repository::{FILE, Repository},
};
use crate::{load, plan::PlanName};

/// The folder with the schemas that editors read, beside the repository's file.
const SCHEMAS: &str = ".backstop";
const PLAN_SCHEMA: &str = "plan.schema.json";
const REPOSITORY_SCHEMA: &str = "backstop.schema.json";

/// What a new plan does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PlanTemplate {
    /// Little: every part of a plan, to be filled.
    #[default]
    Empty,
    /// Adds a column without a rewrite.
    AddColumn,
    /// Changes many rows in batches.
    Backfill,
    /// Builds an index while everybody goes on.
    Index,
    /// Changes a column's type.
    Retype,
    /// Enables row-level security with a policy.
    Rls,
}

/// Files that were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenFiles {
    /// Those that are new.
    pub files: Vec<PathBuf>,
    /// Those that were there and stay as they are.
    pub kept: Vec<PathBuf>,
}

/// Writes a plan to begin with, into a folder: without one the first folder of the repository's plans, else the working directory. Gives
/// its file.
///
/// # Errors
/// Where it can't be called so, or there is such a file already.
pub fn new_plan(
    configuration: &Configuration,
    name: &str,
    template: PlanTemplate,
    into: Option<&Path>,
) -> Result<PathBuf, OperationProblem> {
    let name = PlanName::parse(name).map_err(|why| {
        let message = format!("{name:?} can't be the name of a plan: it {why}");
        OperationProblem::usage("backstop::load::bad_id", message, "Use letters of ASCII, digits, `-`, `_` and `.`.")
    })?;
    let repository = configuration.repository()?.map(Deref::deref);
    let folder = folder(into, repository);
    let root = repository.and_then(|found| found.path.parent()).unwrap_or(&folder).to_owned();
    let schema = root.join(SCHEMAS).join(PLAN_SCHEMA);
    write_where_missing(&schema, &json(&load::schema())?)?;
    let path = folder.join(format!("{name}.yaml"));
    let text = text(template).replace("{schema}", &seen_from(&folder, &schema)?).replace("{name}", name.as_str());
    if !write_where_missing(&path, &text)? {
        let message = format!("{} is there already", path.display());
        return Err(OperationProblem::usage(
            "backstop::cli::exists",
            message,
            "Give the plan another name, or `--into` another folder.",
        ));
    }
    Ok(path)
}

/// Makes a repository of plans in a folder.
///
/// # Errors
/// What can't be written.
pub fn new_repository(root: &Path) -> Result<WrittenFiles, OperationProblem> {
    let files = [
        (root.join(FILE), include_str!("scaffold/backstop.toml").to_owned()),
        (root.join("plans/.gitkeep"), String::new()),
        (root.join("values/production.yaml"), include_str!("scaffold/values.yaml").to_owned()),
        (root.join(SCHEMAS).join(PLAN_SCHEMA), json(&load::schema())?),
        (root.join(SCHEMAS).join(REPOSITORY_SCHEMA), json(&load::repository_schema())?),
    ];
    let mut written = WrittenFiles::default();
    for (path, text) in files {
        let list = if write_where_missing(&path, &text)? { &mut written.files } else { &mut written.kept };
        list.push(path);
    }
    Ok(written)
}

/// Where a new plan goes: where it is said, else the first folder of the repository's plans, else here.
fn folder(into: Option<&Path>, repository: Option<&Repository>) -> PathBuf {
    let of_repository = || repository?.plans().into_iter().find(|path| path.is_dir());
    into.map(Path::to_owned).or_else(of_repository).unwrap_or_else(|| PathBuf::from("."))
}

fn text(template: PlanTemplate) -> &'static str {
    match template {
        PlanTemplate::Empty => include_str!("scaffold/empty.yaml"),
        PlanTemplate::AddColumn => include_str!("scaffold/add-column.yaml"),
        PlanTemplate::Backfill => include_str!("scaffold/backfill.yaml"),
        PlanTemplate::Index => include_str!("scaffold/index.yaml"),
        PlanTemplate::Retype => include_str!("scaffold/retype.yaml"),
        PlanTemplate::Rls => include_str!("scaffold/rls.yaml"),
    }
}

/// Writes a file, with the folders that it needs; one that is there stays as it is. Whether it was written.
fn write_where_missing(path: &Path, text: &str) -> Result<bool, OperationProblem> {
    let failed = |error: &std::io::Error| OperationProblem::file(path, error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    match File::options().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true).map_err(|error| failed(&error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

fn json(schema: &serde_json::Value) -> Result<String, OperationProblem> {
    let text = serde_json::to_string_pretty(schema).map_err(|error| OperationProblem::unexpected(error.to_string()))?;
    Ok(text + "\n")
}

/// A file's path relative to a folder, with `/` between.
fn seen_from(folder: &Path, file: &Path) -> Result<String, OperationProblem> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|error| OperationProblem::file(path, &error));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::create_dir_all(folder).map_err(|error| OperationProblem::file(folder, &error))?;
    let (from, to) = (real(folder)?, real(file)?);
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}
