//! Plan files → resolved plans.

use std::{fs, path::Path};

use backstop::{
    lint::lint,
    load::{PlanFormat, load},
    plan::LintSettings,
    render::{Inputs, ResolvedPlan, files_wanted, render},
};

/// One of the example plans, with one text replaced by another.
pub fn example(name: &str, from: &str, to: &str) -> ResolvedPlan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    resolved(&read(name).replacen(from, to, 1), read)
}

/// A plan of this text and these files.
pub fn resolved(text: &str, read: impl Fn(&str) -> String) -> ResolvedPlan {
    let loaded = load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap_or_else(|p| panic!("{:?}", p.records()));
    let mut inputs = Inputs::builder(&loaded.plan.vars).build().expect("values");
    for file in files_wanted(&loaded.plan) {
        let text = read(&file);
        inputs.files.insert(file, text);
    }
    render(&loaded.plan, &inputs).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// How many findings there are in a plan of this text.
pub fn findings(text: &str) -> usize {
    let loaded = load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap_or_else(|p| panic!("{:?}", p.records()));
    let inputs = Inputs::builder(&loaded.plan.vars).build().expect("values");
    let resolved = render(&loaded.plan, &inputs).unwrap_or_else(|problems| panic!("{problems:?}"));
    lint(&loaded.plan, &resolved, &inputs.files, &LintSettings::default()).map_or(0, |findings| findings.len())
}

/// A plan of so many steps that each make a table.
pub fn of_steps(steps: usize) -> String {
    let mut text = "format: backstop/v1\nname: steps\nbackup:\n  targets: [{tables: [public.target]}]\nsteps:\n".to_owned();
    for n in 0..steps {
        text.push_str(&format!("  - id: step-{n}\n    sql: {}\n", create_table(n)));
    }
    text
}

/// The same, edited: every tenth step makes another table, and the first step is the last.
pub fn edited(text: &str) -> String {
    let (head, steps) = text.split_once("steps:\n").expect("a plan of steps");
    let mut steps: Vec<String> = steps.split_inclusive("NOT NULL)\n").map(str::to_owned).collect();
    steps.iter_mut().step_by(10).for_each(|step| *step = step.replace("name text", "label text"));
    let first = steps.remove(0);
    format!("{head}steps:\n{}{first}", steps.concat())
}

/// What a step of it does.
pub fn create_table(n: usize) -> String {
    format!("CREATE TABLE public.t{n} (id bigint PRIMARY KEY, name text NOT NULL)")
}

/// Its statements, bare and in order.
pub fn bare(plan: &ResolvedPlan) -> String {
    plan.plan().steps.iter().map(|step| format!("{};\n", step.sql.sent().trim_end().trim_end_matches(';'))).collect()
}
