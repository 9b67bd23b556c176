//! `backstop history`

use std::time::Duration;

use super::{
    answer::{self, Answer, PastRun},
    arguments::HistoryArgs,
    console::Console,
    exit::Exit,
};
use crate::{
    operations::{
        DatabaseAccess, OperationProblem,
        history::history,
        runs::{ReplayedRun, state_word},
    },
    plan::PlanName,
    report::{self, HistoryRow},
};

/// Lists the runs, the newest first.
pub async fn run(arguments: &HistoryArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let plan = arguments.plan.as_deref().map(PlanName::parse).transpose().map_err(|why| {
        OperationProblem::usage("backstop::cli::plan_name", format!("the name {why}"), "Give a plan's `name`, not its file.")
    })?;
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let runs = history(&database, plan.as_ref(), arguments.last).await?;
    let rows: Vec<HistoryRow> = runs.iter().map(row).collect();
    let answer = Answer::History(answer::HistoryAnswer { runs: rows.iter().map(past).collect() });
    console.answer(&report::history(&rows, console.style()), &answer)?;
    Ok(Exit::Done)
}

fn row(found: &ReplayedRun) -> HistoryRow {
    HistoryRow {
        run: found.run.id.clone(),
        plan: found.run.plan.clone(),
        started: found.summary.started_at.clone(),
        took: found.summary.ended_at.as_deref().and_then(|ended| between(&found.summary.started_at, ended)),
        outcome: state_word(&found.run).to_owned(),
        backup: found.run.backup.clone(),
        actor: found.summary.actor.clone(),
    }
}

fn past(row: &HistoryRow) -> PastRun {
    PastRun {
        run: row.run.clone(),
        plan: row.plan.clone(),
        started: row.started.clone(),
        outcome: row.outcome.clone(),
        backup: row.backup.clone(),
        actor: row.actor.clone(),
        seconds: row.took.map(|took| took.as_secs_f64()),
    }
}

fn between(from: &str, to: &str) -> Option<Duration> {
    let (from, to): (jiff::Timestamp, jiff::Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    to.duration_since(from).try_into().ok()
}
