//! `backstop check`

use super::{
    answer::{Answer, CheckedPlan, ChecksAnswer},
    arguments::{CheckArgs, ChecksForm, PhaseArg},
    console::Console,
    exit::Exit,
    stdio::{print, print_json},
};
use crate::{
    machine::CheckPhase,
    operations::{
        DatabaseAccess, OperationProblem,
        check::{PlanCheckResults, check, plans_to_check},
    },
    report::{self, Style, Suite, annotations, junit},
};

/// Evaluates one phase of plans' checks.
pub async fn run(arguments: &CheckArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let (configuration, values) = (arguments.database.configuration(), arguments.values.given());
    let plans = plans_to_check(&configuration, &arguments.plans, &arguments.part.selection(), &values, console)?;
    let database = DatabaseAccess::open(&configuration, &arguments.database.target(), console).await?;
    let phase = match arguments.phase {
        PhaseArg::Before => CheckPhase::Before,
        PhaseArg::After => CheckPhase::After,
    };
    let checked = check(&database, plans, phase).await?;
    let plans: Vec<CheckedPlan> = checked.iter().map(record).collect();
    let exit = if plans.iter().all(|plan| plan.blocking.is_empty()) { Exit::Done } else { Exit::Aborted };
    match arguments.reported.or(console.format()) {
        ChecksForm::Text => print(text(&plans, console.style()).trim_end())?,
        ChecksForm::Json => print_json(&Answer::Checks(ChecksAnswer { phase, plans, exit_code: exit.code() }))?,
        ChecksForm::Junit => {
            let suites: Vec<Suite> = plans.iter().map(|plan| Suite::of_checks(plan.plan.as_str(), &plan.results)).collect();
            print(junit(&suites).trim_end())?;
        }
        ChecksForm::Github => {
            let told: String = checked.iter().map(annotated).collect();
            // What holds needs no annotation.
            if !told.is_empty() {
                print(told.trim_end())?;
            }
        }
    }
    Ok(exit)
}

fn record(checked: &PlanCheckResults) -> CheckedPlan {
    CheckedPlan {
        plan: checked.plan().to_owned(),
        file: checked.path.display().to_string(),
        blocking: checked.evaluated.blocking(),
        results: checked.evaluated.results.clone(),
    }
}

fn annotated(checked: &PlanCheckResults) -> String {
    let checks = &checked.loaded.plan.checks;
    let line = |id: &str| {
        let mut all = checks.before.iter().chain(&checks.unchanged).chain(&checks.after);
        let check = all.find(|check| check.id.as_str() == id)?;
        Some(checked.loaded.source.position(check.at.start).line)
    };
    annotations(&checked.evaluated.results, &checked.path.display().to_string(), line)
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
