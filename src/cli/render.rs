//! `backstop render`

use super::{
    arguments::Render,
    console::Console,
    exit::Exit,
    problem::Problem,
    reading::{read_plan, resolve},
};

/// Prints a plan as it would run. Nothing is connected to.
pub fn run(arguments: &Render, console: &Console) -> Result<Exit, Problem> {
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
