//! Which of the plans are run: `--only` and `--until`.

use std::path::PathBuf;

use super::{arguments::Apply, problem::Problem};
use crate::{load, render::ResolvedPlan};

/// Those of the ordered plans that the arguments choose.
pub fn select(arguments: &Apply, mut plans: Vec<(PathBuf, ResolvedPlan)>) -> Result<Vec<(PathBuf, ResolvedPlan)>, Problem> {
    for name in arguments.only.iter().chain(&arguments.until) {
        known(name, &plans)?;
    }
    if !arguments.only.is_empty() {
        plans.retain(|(_, plan)| arguments.only.iter().any(|name| name == plan.plan().name.as_str()));
    }
    if let Some(last) = &arguments.until
        && let Some(at) = plans.iter().position(|(_, plan)| last == plan.plan().name.as_str())
    {
        plans.truncate(at + 1);
    }
    Ok(plans)
}

fn known(name: &str, plans: &[(PathBuf, ResolvedPlan)]) -> Result<(), Problem> {
    let names: Vec<&str> = plans.iter().map(|(_, plan)| plan.plan().name.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let message = format!("none of the plans is called `{name}`");
    Err(Problem::usage("backstop::cli::unknown_plan", message, load::instead(name, &names)))
}
