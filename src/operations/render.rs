//! Plans as they would run, and as they are written. Nothing is connected to.

use std::path::{Path, PathBuf};

use super::{
    configuration::Configuration,
    plan_files::{self, PlanFile},
    problem::OperationProblem,
    resolve_plans::{VariableValues, read_ordered, resolve_offline},
    watcher::Watcher,
};
use crate::{
    load::{self, PlanFormat},
    render,
};

/// Plans as they would run, in their order. Secrets are not read: nothing shows them, and strangers' plans could ask for any file's.
///
/// # Errors
/// What can't be read, and all mistakes of the first plan that has some.
pub fn rendered(
    configuration: &Configuration,
    plans: &[PathBuf],
    values: &VariableValues,
    watcher: &mut dyn Watcher,
) -> Result<Vec<PlanFile>, OperationProblem> {
    let loaded = read_ordered(configuration.files(), &plan_files::collect(configuration, plans, watcher)?)?;
    let offline = resolve_offline(configuration, &loaded, values)?;
    let file =
        |((path, _), offline): ((PathBuf, _), super::resolve_plans::Offline)| PlanFile { path, plan: offline.resolved };
    Ok(loaded.into_iter().zip(offline).map(file).collect())
}

/// A plan as it is written.
pub enum Normal {
    /// In one form, without comments and layout.
    Plan(String),
    /// What is no plan, as it stands.
    Other(Vec<u8>),
}

/// A plan as it is written, in one form; templates stay templates.
///
/// # Errors
/// Why the file can't be read.
pub fn normal(configuration: &Configuration, path: &Path) -> Result<Normal, OperationProblem> {
    let bytes = configuration.files().read(path)?;
    let format = PlanFormat::of_path(path).unwrap_or(PlanFormat::Yaml);
    Ok(match load::load(&path.display().to_string(), &bytes, format) {
        Ok(loaded) => Normal::Plan(render::normal(&loaded.plan)),
        Err(_) => Normal::Other(bytes),
    })
}
