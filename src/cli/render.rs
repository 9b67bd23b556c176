//! `backstop render`

use std::path::Path;

use super::{
    arguments::Render,
    console::{Console, print, print_bytes},
    exit::Exit,
    problem::Problem,
    reading::{read, read_plan, resolve},
};
use crate::{
    load::{self, Format},
    render,
};

/// Prints a plan as it would run. Nothing is connected to.
pub fn run(arguments: &Render, console: &Console) -> Result<Exit, Problem> {
    if arguments.normal {
        return normal(&arguments.plan);
    }
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let plan = resolved.plan();
    let steps: Vec<_> = plan
        .steps
        .iter()
        .zip(resolved.step_digests())
        .map(|(step, digest)| serde_json::json!({"id": step.id, "sql": step.sql.shown(), "digest": digest}))
        .collect();
    let value = serde_json::json!({
        "kind": "plan", "name": plan.name, "fingerprint": resolved.fingerprint(), "steps": steps, "rendered": resolved.shown(),
    });
    console.answer(resolved.shown(), &value)?;
    Ok(Exit::Done)
}

/// Prints a plan as it is written, in one form. What is no plan is printed as it stands: git shows old versions by this, and
/// where it failed, git would show nothing.
fn normal(path: &Path) -> Result<Exit, Problem> {
    let bytes = read(path)?;
    let format = Format::of_path(path).unwrap_or(Format::Yaml);
    match load::load(&path.display().to_string(), &bytes, format) {
        Ok(loaded) => print(render::normal(&loaded.plan).trim_end())?,
        Err(_) => print_bytes(&bytes)?,
    }
    Ok(Exit::Done)
}
