//! `backstop render`

use std::path::{Path, PathBuf};

use super::{
    answer::{Answer, RenderedPlanRecord, RenderedStep},
    arguments::{OutputFormat as Output, RenderArgs},
    console::Console,
    exit::Exit,
    stdio::{print, print_bytes},
};
use crate::{
    operations::{
        Configuration, OperationProblem, PlanFile, confined,
        render::{self, Normal},
    },
    render::ResolvedPlan,
};

/// Prints plans as they would run. Nothing is connected to.
pub fn run(arguments: &RenderArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.values.configuration();
    if arguments.normal {
        return normal(&configuration, &arguments.plans);
    }
    let values = arguments.values.given();
    let configuration = confined(&configuration, &arguments.plans, &values, arguments.base.as_deref())?;
    let plans = render::rendered(&configuration, &arguments.plans, &values, console)?;
    for (index, PlanFile { path, plan }) in plans.iter().enumerate() {
        if index > 0 && console.format() == Output::Text {
            // What ends a document of YAML, so that a program can take them apart.
            print("---")?;
        }
        console.answer(plan.shown(), &Answer::Rendered(rendered(path, plan)))?;
    }
    Ok(Exit::Done)
}

fn rendered(path: &Path, resolved: &ResolvedPlan) -> RenderedPlanRecord {
    let plan = resolved.plan();
    let steps = plan.steps.iter().zip(resolved.step_digests()).map(|(step, digest)| RenderedStep {
        id: step.id.to_string(),
        sql: step.sql.shown().to_owned(),
        digest: digest.clone(),
    });
    RenderedPlanRecord {
        name: plan.name.to_string(),
        file: path.display().to_string(),
        fingerprint: resolved.fingerprint().to_owned(),
        steps: steps.collect(),
        rendered: resolved.shown().to_owned(),
    }
}

/// Prints a plan as it is written, in one form. What is no plan is printed as it stands: git shows old versions by this, and
/// where it failed, git would show nothing.
fn normal(configuration: &Configuration, paths: &[PathBuf]) -> Result<Exit, OperationProblem> {
    let [path] = paths else {
        let help = "Name one file; git calls it once for each.";
        return Err(OperationProblem::usage("backstop::cli::one_plan", "`--normal` prints one plan file", help));
    };
    match render::normal(configuration, path)? {
        Normal::Plan(text) => print(text.trim_end())?,
        Normal::Other(bytes) => print_bytes(&bytes)?,
    }
    Ok(Exit::Done)
}
