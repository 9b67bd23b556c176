//! Runs in a database's journal, as operations look for them.

use tokio_postgres::Client;

use super::problem::OperationProblem;
use crate::{
    drive::{DriveError, ports::Recorded},
    load::{self, PlanFormat},
    machine::{Event, Run, State, replay},
    plan::{Plan, PlanName, Rendered, Sequences},
    postgres::journal::{self, RunSummary},
    render::as_written,
    report::Closing,
};

/// A run that was found, replayed.
pub struct ReplayedRun {
    /// As lists show it.
    pub summary: RunSummary,
    /// Its events.
    pub events: Vec<Recorded>,
    /// What they amount to.
    pub run: Run,
}

/// The run whose id begins like this; without an id the newest one.
pub(super) async fn one(client: &Client, id: Option<&str>) -> Result<ReplayedRun, OperationProblem> {
    let mut runs = match id {
        Some(id) => journal::find_runs(client, id).await.map_err(OperationProblem::unreadable)?,
        None => journal::list_runs(client, None, 1).await.map_err(OperationProblem::unreadable)?,
    };
    match (runs.len(), id) {
        (1, _) => read(client, runs.remove(0)).await,
        (0, Some(id)) => Err(OperationProblem::usage(
            "backstop::cli::unknown_run",
            format!("no run's id begins with `{id}`"),
            "`backstop history` lists the runs.",
        )),
        (0, None) => Err(OperationProblem::usage(
            "backstop::cli::no_run",
            "this database has no run yet",
            "`backstop apply PLAN` makes one.",
        )),
        (_, _) => Err(OperationProblem::usage(
            "backstop::cli::ambiguous_run",
            "several runs' ids begin like that",
            "Give more of its characters; `backstop history` lists the runs.",
        )),
    }
}

/// The only run that has not ended; none where all have.
pub(super) async fn unfinished(client: &Client) -> Result<Option<ReplayedRun>, OperationProblem> {
    let runs = journal::unfinished_runs(client).await.map_err(OperationProblem::unreadable)?;
    let mut runs = runs.into_iter();
    match (runs.next(), runs.next()) {
        (None, _) => Ok(None),
        (Some(run), None) => read(client, run).await.map(Some),
        (Some(_), Some(_)) => Err(OperationProblem::usage(
            "backstop::cli::ambiguous_run",
            "several runs have not ended",
            "Name one of them; `backstop status` lists them.",
        )),
    }
}

/// A run's events, replayed.
pub(super) async fn read(client: &Client, summary: RunSummary) -> Result<ReplayedRun, OperationProblem> {
    let events = journal::read(client, summary.run, 1).await.map_err(OperationProblem::unreadable)?;
    let run = replay(events.iter().map(|recorded| (recorded.seq, recorded.event.clone())))
        .map_err(|error| OperationProblem::from(DriveError::Replay(error)))?;
    Ok(ReplayedRun { summary, events, run })
}

/// How a run stands, in a word.
pub fn state_word(run: &Run) -> &'static str {
    match &run.state {
        State::Finished(outcome) => Closing::Finished(outcome).word(),
        state => state.name(),
    }
}

/// A plan's name as the journal has it.
pub(super) fn plan_name(name: &str) -> Result<PlanName, OperationProblem> {
    PlanName::parse(name).map_err(|why| OperationProblem::unexpected(format!("the journal's plan name `{name}` {why}")))
}

/// Whether the run's plan lets sequences move backwards in a restore.
pub(super) fn sequences(events: &[Recorded]) -> Sequences {
    match events.first().map(|recorded| &recorded.event) {
        Some(Event::RunStarted(started)) => started.sequences,
        _ => Sequences::default(),
    }
}

/// The run's plan as it may be shown, as it was amended last.
pub(super) fn rendered(events: &[Recorded]) -> &str {
    let mut text = "";
    for recorded in events {
        match &recorded.event {
            Event::RunStarted(started) => text = &started.rendered,
            Event::PlanAmended(amended) => text = &amended.rendered,
            _ => {}
        }
    }
    text
}

/// A plan as it was recorded, to be compared; none where this version of the program can't read it.
pub(super) fn recorded(rendered: &str) -> Option<Plan<Rendered>> {
    let text = format!("format: backstop/v1\n{rendered}");
    let loaded = load::load("the journal", text.as_bytes(), PlanFormat::Yaml).ok()?;
    Some(as_written(&loaded.plan))
}
