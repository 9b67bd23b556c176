//! `backstop status PLAN…`: how plans stand, and waiting until all of them are applied.

use super::{
    answer::{Answer, NamedPlanState, PlanStatesAnswer},
    arguments::StatusArgs,
    console::Console,
    exit::Exit,
};
use crate::{
    operations::{
        OperationProblem, PlanStatus,
        status::{self, Named, ToLookFor, plan_states},
    },
    report::{self, PlanRow},
};

/// Says how plans stand; where they are required, the exit code says whether all are applied.
pub async fn run(arguments: &StatusArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.database.configuration();
    let wanted = ToLookFor::read(&configuration, &arguments.plans, &arguments.values.given(), console)?;
    let found = plan_states(&configuration, &arguments.database.target(), &wanted, arguments.wait, console).await?;
    let waiting = found.waiting();
    let exit = if arguments.require && waiting > 0 { Exit::Missing } else { Exit::Done };
    let status::PlanStates { files, named, missing } = found;
    let mut rows: Vec<PlanRow> = files.iter().map(of_file).collect();
    rows.extend(named.into_iter().map(of_name));
    rows.extend(missing.into_iter().map(|(plan, required)| PlanRow {
        plan: required,
        state: format!("missing: {plan} requires it"),
        at: String::new(),
        run: String::new(),
        file: String::new(),
    }));
    let text = report::plans(&rows, console.style());
    let plans = rows.into_iter().map(|PlanRow { plan, state, at, run, file }| NamedPlanState { plan, state, at, run, file });
    let plan_states = PlanStatesAnswer { plans: plans.collect(), waiting, exit_code: exit.code() };
    console.answer(&text, &Answer::Plans(plan_states))?;
    Ok(exit)
}

fn of_file(PlanStatus { file, state }: &PlanStatus) -> PlanRow {
    let application = state.application();
    PlanRow {
        plan: file.plan.plan().name.to_string(),
        state: state.word().to_owned(),
        at: application.map(|applied| applied.at.clone()).unwrap_or_default(),
        run: application.map(|applied| applied.run.to_string()).unwrap_or_default(),
        file: file.path.display().to_string(),
    }
}

fn of_name(Named { name, is_unfinished, applied }: Named) -> PlanRow {
    let state = match (is_unfinished, &applied) {
        (true, _) => "unfinished",
        (false, Some(_)) => "applied",
        (false, None) => "pending",
    };
    PlanRow {
        plan: name,
        state: state.to_owned(),
        at: applied.as_ref().map(|applied| applied.at.clone()).unwrap_or_default(),
        run: applied.as_ref().map(|applied| applied.run.to_string()).unwrap_or_default(),
        file: String::new(),
    }
}
