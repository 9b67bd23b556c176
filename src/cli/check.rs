//! `backstop check`

use std::path::PathBuf;

use super::{
    answer::{Answer, CheckedPlan, Checks},
    arguments::{Check, ChecksForm, Phase},
    console::{Console, print, print_json},
    exit::Exit,
    journals::unreadable,
    place::Database,
    plan_files,
    problem::Problem,
    reading::{read_ordered, resolve_all},
    selection,
};
use crate::{
    load::Loaded,
    machine::{CheckPhase, ChecksEvaluated},
    postgres::check,
    render::ResolvedPlan,
    report::{self, Style, Suite, annotations, junit},
};

/// Evaluates one phase of plans' checks, each plan's in a read-only transaction of its own.
pub async fn run(arguments: &Check, console: &Console) -> Result<Exit, Problem> {
    let asked = asked(arguments, console)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let phase = match arguments.phase {
        Phase::Before => CheckPhase::Before,
        Phase::After => CheckPhase::After,
    };
    let mut plans = Vec::new();
    for Asked { path, resolved, .. } in &asked {
        let results = check::phase(&connection.client, resolved.plan(), phase).await.map_err(unreadable)?;
        let evaluated = ChecksEvaluated { results };
        plans.push(CheckedPlan {
            plan: resolved.plan().name.to_string(),
            file: path.display().to_string(),
            blocking: evaluated.blocking(),
            results: evaluated.results,
        });
    }
    let exit = if plans.iter().all(|plan| plan.blocking.is_empty()) { Exit::Done } else { Exit::Aborted };
    match arguments.reported.or(console.format()) {
        ChecksForm::Text => print(text(&plans, console.style()).trim_end())?,
        ChecksForm::Json => print_json(&Answer::Checks(Checks { phase, plans, exit_code: exit.code() }))?,
        ChecksForm::Junit => {
            let suites: Vec<Suite> = plans.iter().map(|plan| Suite::of_checks(plan.plan.as_str(), &plan.results)).collect();
            print(junit(&suites).trim_end())?;
        }
        ChecksForm::Github => {
            let told = asked.iter().zip(&plans).map(|(asked, plan)| asked.annotated(plan));
            let told: String = told.collect();
            // What holds needs no annotation.
            if !told.is_empty() {
                print(told.trim_end())?;
            }
        }
    }
    Ok(exit)
}

/// A plan whose checks are asked.
struct Asked {
    path: PathBuf,
    loaded: Loaded,
    resolved: ResolvedPlan,
}

fn asked(arguments: &Check, console: &Console) -> Result<Vec<Asked>, Problem> {
    let loaded = read_ordered(&plan_files::collect(&arguments.plans, &arguments.values.chosen, console)?)?;
    let resolved = resolve_all(&loaded, &arguments.values)?;
    let all = loaded.into_iter().zip(resolved).map(|((path, loaded), resolved)| Asked { path, loaded, resolved });
    selection::select(&arguments.part, all.collect(), |asked| asked.resolved.plan().name.as_str())
}

impl Asked {
    fn annotated(&self, plan: &CheckedPlan) -> String {
        let checks = &self.loaded.plan.checks;
        let line = |id: &str| {
            let mut all = checks.before.iter().chain(&checks.unchanged).chain(&checks.after);
            let check = all.find(|check| check.id.as_str() == id)?;
            Some(self.loaded.source.position(check.at.start).line)
        };
        annotations(&plan.results, &plan.file, line)
    }
}

/// The answers of one plan, or of several under their names.
fn text(plans: &[CheckedPlan], style: Style) -> String {
    let answers = |plan: &CheckedPlan| match plan.results.as_slice() {
        [] => "the plan has no such checks\n".to_owned(),
        results => report::checks(results, style),
    };
    match plans {
        [one] => answers(one),
        many => many.iter().map(|plan| format!("{}  {}\n{}\n", plan.plan, plan.file, answers(plan))).collect(),
    }
}
