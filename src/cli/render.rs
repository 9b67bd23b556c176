//! `backstop render`

use std::path::Path;

use super::{
    answer::{Answer, Rendered, RenderedStep},
    arguments::{Format as Output, Render},
    confinement,
    console::{Console, print, print_bytes},
    exit::Exit,
    files, plan_files,
    problem::Problem,
    reading::{Offline, read_ordered, resolve_offline},
};
use crate::{
    load::{self, Format},
    render::{self, ResolvedPlan},
};

/// Prints plans as they would run. Nothing is connected to.
pub fn run(arguments: &Render, console: &Console) -> Result<Exit, Problem> {
    if arguments.normal {
        return normal(&arguments.plans);
    }
    confinement::confine(&arguments.plans, &arguments.values, arguments.base.as_deref())?;
    let loaded = read_ordered(&plan_files::collect(&arguments.plans, &arguments.values.chosen, console)?)?;
    // Secrets are not read: nothing shows them, and strangers' plans could ask for any file's.
    let offline = resolve_offline(&loaded, &arguments.values)?;
    for (index, ((path, _), Offline { resolved: plan, .. })) in loaded.iter().zip(&offline).enumerate() {
        if index > 0 && console.format() == Output::Text {
            // What ends a document of YAML, so that a program can take them apart.
            print("---")?;
        }
        console.answer(plan.shown(), &Answer::Rendered(rendered(path, plan)))?;
    }
    Ok(Exit::Done)
}

fn rendered(path: &Path, resolved: &ResolvedPlan) -> Rendered {
    let plan = resolved.plan();
    let steps = plan.steps.iter().zip(resolved.step_digests()).map(|(step, digest)| RenderedStep {
        id: step.id.to_string(),
        sql: step.sql.shown().to_owned(),
        digest: digest.clone(),
    });
    Rendered {
        name: plan.name.to_string(),
        file: path.display().to_string(),
        fingerprint: resolved.fingerprint().to_owned(),
        steps: steps.collect(),
        rendered: resolved.shown().to_owned(),
    }
}

/// Prints a plan as it is written, in one form. What is no plan is printed as it stands: git shows old versions by this, and
/// where it failed, git would show nothing.
fn normal(paths: &[std::path::PathBuf]) -> Result<Exit, Problem> {
    let [path] = paths else {
        let help = "Name one file; git calls it once for each.";
        return Err(Problem::usage("backstop::cli::one_plan", "`--normal` prints one plan file", help));
    };
    let bytes = files::read(path)?;
    let format = Format::of_path(path).unwrap_or(Format::Yaml);
    match load::load(&path.display().to_string(), &bytes, format) {
        Ok(loaded) => print(render::normal(&loaded.plan).trim_end())?,
        Err(_) => print_bytes(&bytes)?,
    }
    Ok(Exit::Done)
}
