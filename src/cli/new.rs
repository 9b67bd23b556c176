//! `backstop new` and `backstop init`: files to begin with. What is there already is never written over.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Component, Path, PathBuf},
};

use super::{
    answer::{Answer, Written},
    arguments::{Init, Kind, New},
    console::Console,
    exit::Exit,
    problem::Problem,
    repository::{FILE, Repository},
};
use crate::{load, plan::PlanName};

/// The folder with the schemas that editors read, beside the repository's file.
const SCHEMAS: &str = ".backstop";
const PLAN_SCHEMA: &str = "plan.schema.json";
const REPOSITORY_SCHEMA: &str = "backstop.schema.json";

/// Writes a plan to begin with.
pub fn run(arguments: &New, console: &Console) -> Result<Exit, Problem> {
    let name = PlanName::parse(&arguments.name).map_err(|why| {
        let message = format!("{:?} can't be the name of a plan: it {why}", arguments.name);
        Problem::usage("backstop::load::bad_id", message, "Use letters of ASCII, digits, `-`, `_` and `.`.")
    })?;
    let repository = Repository::find(&arguments.chosen)?;
    let folder = folder(arguments, repository.as_ref());
    let root = repository.as_ref().and_then(|found| found.path.parent()).unwrap_or(&folder).to_owned();
    let schema = root.join(SCHEMAS).join(PLAN_SCHEMA);
    write_where_missing(&schema, &json(&load::schema())?)?;
    let path = folder.join(format!("{name}.yaml"));
    let text = template(arguments.kind).replace("{schema}", &seen_from(&folder, &schema)?).replace("{name}", name.as_str());
    if !write_where_missing(&path, &text)? {
        let message = format!("{} is there already", path.display());
        return Err(Problem::usage(
            "backstop::cli::exists",
            message,
            "Give the plan another name, or `--into` another folder.",
        ));
    }
    let text = format!(
        "{}: a plan to begin with. Change it to what you need, then\n  backstop render {}\n  backstop apply {} --sandbox --sandbox-sql schema.sql",
        path.display(),
        path.display(),
        path.display()
    );
    let written = Written { files: vec![path.display().to_string()], kept: Vec::new(), exit_code: Exit::Done.code() };
    console.answer(&text, &Answer::Written(written))?;
    Ok(Exit::Done)
}

/// Makes a repository of plans.
pub fn init(arguments: &Init, console: &Console) -> Result<Exit, Problem> {
    let root = &arguments.folder;
    let files = [
        (root.join(FILE), include_str!("scaffold/backstop.toml").to_owned()),
        (root.join("plans/.gitkeep"), String::new()),
        (root.join("values/production.yaml"), include_str!("scaffold/values.yaml").to_owned()),
        (root.join(SCHEMAS).join(PLAN_SCHEMA), json(&load::schema())?),
        (root.join(SCHEMAS).join(REPOSITORY_SCHEMA), json(&load::repository_schema())?),
    ];
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for (path, text) in &files {
        let list = if write_where_missing(path, text)? { &mut written } else { &mut kept };
        list.push(path.display().to_string());
    }
    let line = |word: &str, paths: &[String]| paths.iter().map(|path| format!("{word:8}{path}\n")).collect::<String>();
    let text = format!(
        "{}{}next:\n  backstop new my-change --kind add-column   a plan to begin with\n  backstop apply --environment production    runs all plans that are not applied yet",
        line("written", &written),
        line("kept", &kept)
    );
    console.answer(&text, &Answer::Written(Written { files: written, kept, exit_code: Exit::Done.code() }))?;
    Ok(Exit::Done)
}

/// Where a new plan goes: where it is said, else the first folder of the repository's plans, else here.
fn folder(arguments: &New, repository: Option<&Repository>) -> PathBuf {
    let of_repository = || repository?.plans().into_iter().find(|path| path.is_dir());
    arguments.into.clone().or_else(of_repository).unwrap_or_else(|| PathBuf::from("."))
}

fn template(kind: Kind) -> &'static str {
    match kind {
        Kind::Empty => include_str!("scaffold/empty.yaml"),
        Kind::AddColumn => include_str!("scaffold/add-column.yaml"),
        Kind::Backfill => include_str!("scaffold/backfill.yaml"),
        Kind::Index => include_str!("scaffold/index.yaml"),
        Kind::Retype => include_str!("scaffold/retype.yaml"),
        Kind::Rls => include_str!("scaffold/rls.yaml"),
    }
}

/// Writes a file, with the folders that it needs; one that is there stays as it is. Whether it was written.
fn write_where_missing(path: &Path, text: &str) -> Result<bool, Problem> {
    let failed = |error: &std::io::Error| Problem::file(path, error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    match File::options().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true).map_err(|error| failed(&error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

fn json(schema: &serde_json::Value) -> Result<String, Problem> {
    let text = serde_json::to_string_pretty(schema).map_err(|error| Problem::unexpected(error.to_string()))?;
    Ok(text + "\n")
}

/// A file's path relative to a folder, with `/` between.
fn seen_from(folder: &Path, file: &Path) -> Result<String, Problem> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|error| Problem::file(path, &error));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
    let (from, to) = (real(folder)?, real(file)?);
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}
