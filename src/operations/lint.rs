//! What is dangerous in plans. Nothing is connected to.

use std::path::PathBuf;

use super::{
    configuration::Configuration,
    plan_files,
    problem::OperationProblem,
    resolve_plans::{Offline, VariableValues, read_ordered, resolve_offline},
    watcher::Watcher,
};
use crate::{
    lint::{self, Finding, UnknownRule, rule_called},
    load::{self, Loaded, Problems},
    plan::{FailOn, LintSettings, Place},
};

/// A plan's findings, with the texts that they stand in.
pub struct Linted {
    /// The plan's file.
    pub path: PathBuf,
    /// The plan as it is written.
    pub loaded: Loaded,
    /// As it would run.
    pub offline: Offline,
    /// What is dangerous in it.
    pub findings: Vec<Finding>,
}

/// What findings weigh, as the repository's file says; `fail_on` goes before it.
///
/// # Errors
/// What is wrong with the repository's file, rules that there are not among it.
pub fn settings(configuration: &Configuration, fail_on: Option<FailOn>) -> Result<LintSettings, OperationProblem> {
    let mut settings = LintSettings::default();
    if let Some(repository) = configuration.repository()? {
        settings = repository.loaded.repository.lint.clone();
        let unknown = settings.rules.iter().filter(|(code, _)| rule_called(code).is_none());
        let unknown: Vec<load::LoadProblem> = unknown.map(|(code, rule)| unknown_rule(code, rule.at)).collect();
        if !unknown.is_empty() {
            return Err(Problems::new(&[std::sync::Arc::clone(&repository.loaded.source)], unknown).into());
        }
    }
    if let Some(level) = fail_on {
        settings.fail_on = level;
    }
    Ok(settings)
}

/// Looks through plans, in the order in which they would run.
///
/// # Errors
/// What can't be read, and all mistakes of the first plan that has some.
pub fn findings(
    configuration: &Configuration,
    plans: &[PathBuf],
    values: &VariableValues,
    settings: &LintSettings,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Linted>, OperationProblem> {
    let plans = read_ordered(configuration.files(), &plan_files::collect(configuration, plans, watcher)?)?;
    let offline = resolve_offline(configuration, &plans, values)?;
    let one = |((path, loaded), offline): ((PathBuf, Loaded), Offline)| {
        let found = lint::lint(&loaded.plan, &offline.resolved, &offline.inputs.files, settings);
        let findings = found.map_err(|unknown| unknown_rules(&offline, &unknown))?;
        Ok(Linted { path, loaded, offline, findings })
    };
    plans.into_iter().zip(offline).map(one).collect()
}

fn unknown_rules(offline: &Offline, unknown: &[UnknownRule]) -> OperationProblem {
    let problems = unknown.iter().map(|rule| unknown_rule(&rule.code, rule.at)).collect();
    Problems::new(&offline.sources, problems).into()
}

fn unknown_rule(code: &str, at: Place) -> load::LoadProblem {
    load::LoadProblem {
        code: "backstop::lint::unknown_rule",
        message: format!("there is no rule `{code}`"),
        help: Some(match lint::nearest(code) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "`backstop lint --rules` lists all.".to_owned(),
        }),
        labels: vec![(at, "here".to_owned())],
    }
}
