//! `backstop restore`

use std::io::IsTerminal;

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    arguments::Restore,
    console::Console,
    exit::Exit,
    journals::{self, Found, plan_name, sequences, unreadable},
    place::{Database, confirm},
    problem::Problem,
    running::{Site, Target, close},
    signals,
};
use crate::{
    drive::Ended,
    machine::{Ending, Event, Outline, Restores, RunStarted, State, StepCommitted},
    plan::{Rollback, Sequences, Transaction},
    postgres::{
        backup::{self, BackupInfo},
        journal,
    },
    report,
};

/// Brings a run back that has not ended, or a backup, and proves it.
pub async fn run(arguments: &Restore, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(&arguments.running)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let client = &connection.client;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let wanted = match (&arguments.run, &arguments.backup) {
        (None, None) => journals::unfinished(client).await?,
        (Some(id), _) => Some(journals::one(client, Some(id)).await?),
        (None, Some(_)) => None,
    };
    match (wanted, &arguments.backup) {
        (Some(found), _) if waits(&found.run.state) => {
            agree(arguments, &format!("Bring run {} of plan {} back?", found.run.id, found.run.plan))?;
            site.go_back(found, console).await
        }
        (Some(Found { run, .. }), _) => match run.backup {
            Some(id) => site.bring_back(client, arguments, &id, console).await,
            None => Err(Problem::usage(
                "backstop::cli::no_backup",
                format!("run {} took no backup: it changed nothing", run.id),
                "`backstop backup list` lists the backups.",
            )),
        },
        (None, Some(id)) => site.bring_back(client, arguments, id, console).await,
        (None, None) => Err(Problem::usage(
            "backstop::cli::no_run",
            "no run waits to be brought back",
            "Name a run (`backstop history`) or a backup (`--backup ID`, `backstop backup list`).",
        )),
    }
}

impl Site<'_> {
    async fn go_back(&self, found: Found, console: &mut Console) -> Result<Exit, Problem> {
        let run = found.summary.run;
        let plan = plan_name(&found.run.plan)?;
        let mut world = self.open(&Target::without_plan(&plan, run, sequences(&found.events)), console).await?;
        let found = journals::read(&world.session().client, found.summary).await?;
        let ended = self.drive(&mut world, console, async |driver| driver.go_back(found.events).await).await?;
        as_asked(close(run, &ended, console)?, &ended)
    }

    /// Brings a backup back in a run of its own.
    async fn bring_back(
        &self,
        client: &Client,
        arguments: &Restore,
        id: &str,
        console: &mut Console,
    ) -> Result<Exit, Problem> {
        let backups = backup::list(client).await.map_err(unreadable)?;
        let Some(backup) = backups.into_iter().find(|backup| backup.id == id) else {
            return Err(Problem::usage(
                "backstop::cli::unknown_backup",
                format!("there is no backup {id}"),
                "`backstop backup list` lists the backups.",
            ));
        };
        agree(arguments, &warning(&backup))?;
        let run = Uuid::now_v7();
        let plan = plan_name(&backup.plan)?;
        let sequences = sequences_of(client, &backup).await?;
        let mut world = self.open(&Target::without_plan(&plan, run, sequences), console).await?;
        let client = &world.session().client;
        if let Some(waiting) = journals::unfinished(client).await? {
            return Err(Problem::usage(
                "backstop::cli::unfinished_run",
                format!("run {} of plan {} has not ended", waiting.run.id, waiting.run.plan),
                "Bring that one back first (`backstop restore`), or accept it.",
            ));
        }
        let steps = steps_since(client, &backup).await?;
        let started = RunStarted { sequences, ..started(run, &backup, steps) };
        let ended = self.drive(&mut world, console, async |driver| driver.bring_back(started).await).await?;
        as_asked(close(run, &ended, console)?, &ended)
    }
}

/// Whether a run can be brought back as itself: it has not ended, or its restore failed.
fn waits(state: &State) -> bool {
    matches!(state, State::Finished(Ending::Stuck(_))) || !matches!(state, State::Finished(_))
}

fn warning(backup: &BackupInfo) -> String {
    format!(
        "Bring {} tables with {} rows back to {}? Everything that was written to them since is lost.",
        backup.tables,
        report::count(backup.rows),
        backup.created_at
    )
}

/// Somebody said yes, here or on the command line.
fn agree(arguments: &Restore, question: &str) -> Result<(), Problem> {
    if arguments.yes || (std::io::stdin().is_terminal() && confirm(question)) {
        return Ok(());
    }
    Err(Problem::usage("backstop::cli::not_agreed", format!("not agreed: {question}"), "Say it with `--yes`."))
}

/// What the runs since the backup committed: what of it is still there is taken back.
async fn steps_since(client: &Client, backup: &BackupInfo) -> Result<Vec<StepCommitted>, Problem> {
    let mut steps = Vec::new();
    for run in journal::runs_since(client, &backup.id).await.map_err(unreadable)? {
        for recorded in journal::read(client, run, 1).await.map_err(unreadable)? {
            if let Event::StepCommitted(step) = recorded.event {
                steps.push(step);
            }
        }
    }
    Ok(steps)
}

/// What the plan of the run said that took the backup.
async fn sequences_of(client: &Client, backup: &BackupInfo) -> Result<Sequences, Problem> {
    let Some(run) = backup.run.as_deref().and_then(|run| run.parse().ok()) else { return Ok(Sequences::default()) };
    Ok(sequences(&journal::read(client, run, 1).await.map_err(unreadable)?))
}

fn started(run: Uuid, backup: &BackupInfo, steps: Vec<StepCommitted>) -> RunStarted {
    RunStarted {
        run: run.to_string(),
        plan: backup.plan.clone(),
        fingerprint: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        outline: Outline { transaction: Transaction::Step, steps: Vec::new(), rollback: Rollback::default() },
        backup_schema: backup.schema.clone(),
        rendered: String::new(),
        sequences: Sequences::default(),
        restores: Some(Restores { backup: backup.id.clone(), steps }),
    }
}

/// A restore that was asked for and done is a success.
fn as_asked(exit: Exit, ended: &Ended) -> Result<Exit, Problem> {
    Ok(if matches!(ended, Ended::Finished(Ending::Restored(_) | Ending::Aborted(_))) { Exit::Done } else { exit })
}
