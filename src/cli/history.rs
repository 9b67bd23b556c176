//! `backstop history`

use std::time::Duration;

use super::{
    arguments::History,
    console::Console,
    exit::Exit,
    journals::{read, standing, unreadable},
    place::Database,
    problem::Problem,
};
use crate::{
    plan::PlanName,
    postgres::journal,
    report::{self, HistoryRow},
};

/// Lists the runs, the newest first.
pub async fn run(arguments: &History, console: &Console) -> Result<Exit, Problem> {
    let plan = arguments.plan.as_deref().map(PlanName::parse).transpose().map_err(|why| {
        Problem::usage("backstop::cli::plan_name", format!("the name {why}"), "Give a plan's `name`, not its file.")
    })?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let mut rows = Vec::new();
    for summary in journal::list_runs(&connection.client, plan.as_ref(), arguments.last).await.map_err(unreadable)? {
        let found = read(&connection.client, summary).await?;
        rows.push(HistoryRow {
            run: found.run.id.clone(),
            plan: found.run.plan.clone(),
            started: found.summary.started_at.clone(),
            took: found.summary.ended_at.as_deref().and_then(|ended| between(&found.summary.started_at, ended)),
            ending: standing(&found.run).to_owned(),
            backup: found.run.backup.clone(),
            actor: found.summary.actor.clone(),
        });
    }
    let value = serde_json::json!({
        "kind": "history",
        "runs": rows.iter().map(|row| serde_json::json!({
            "run": row.run, "plan": row.plan, "started": row.started, "ending": row.ending, "backup": row.backup,
            "actor": row.actor, "seconds": row.took.map(|took| took.as_secs_f64()),
        })).collect::<Vec<_>>(),
    });
    console.answer(&report::history(&rows, console.style()), &value)?;
    Ok(Exit::Done)
}

fn between(from: &str, to: &str) -> Option<Duration> {
    let (from, to): (jiff::Timestamp, jiff::Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    to.duration_since(from).try_into().ok()
}
