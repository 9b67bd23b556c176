//! `backstop restore`

use std::{collections::BTreeSet, io::IsTerminal};

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    answer::{Answer, RestorePreview},
    arguments::Restore,
    beside,
    console::Console,
    exit::Exit,
    journals::{self, Found, plan_name, sequences, unreadable},
    place::{Database, confirm},
    preview::Sight,
    problem::Problem,
    running::{Site, Target, close},
    signals::{self, unless_stopped},
};
use crate::{
    catalog::ObjectKey,
    drive::{Ended, port::Recorded},
    machine::{Ending, Event, Failure, Fidelity, Outline, Restores, RunStarted, State, StepCommitted, Untouched},
    plan::{Rollback, Sequences, Transaction},
    postgres::{
        backup::{self, BackupInfo, Manifest},
        connection::Connection,
        journal,
        later_writes::LaterWrites,
        restore::{Changed, Order},
        table_lock::Patience,
    },
    report,
};

/// Brings a run back that has not ended, or a backup, and proves it.
pub async fn run(arguments: &Restore, console: &mut Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = Database::open(&arguments.place).await?;
    let connection = unless_stopped(&interruption, database.connect_within(arguments.running.wait, console)).await?;
    let client = &connection.client;
    let site = Site { database: &database, running: &arguments.running, interruption: &interruption };
    let wanted = match (&arguments.run, &arguments.backup) {
        (None, None) => journals::unfinished(client).await?,
        (Some(id), _) => Some(journals::one(client, Some(id)).await?),
        (None, Some(_)) => None,
    };
    match (wanted, &arguments.backup) {
        (Some(found), _) if waits(&found.run.state) && arguments.into.is_none() => {
            site.go_back(client, arguments, found, console).await
        }
        (Some(Found { run, .. }), _) => match run.backup {
            Some(id) => site.by_choice(&connection, arguments, &id, console).await,
            None => Err(Problem::usage(
                "backstop::cli::no_backup",
                format!("run {} took no backup: it changed nothing", run.id),
                "`backstop backup list` lists the backups.",
            )),
        },
        (None, Some(id)) => site.by_choice(&connection, arguments, id, console).await,
        (None, None) => Err(Problem::usage(
            "backstop::cli::no_run",
            "no run waits to be brought back",
            "Name a run (`backstop history`) or a backup (`--backup ID`, `backstop backup list`).",
        )),
    }
}

impl Site<'_> {
    /// Brings a run back that has not ended, all of it.
    async fn go_back(
        &self,
        client: &Client,
        arguments: &Restore,
        found: Found,
        console: &mut Console,
    ) -> Result<Exit, Problem> {
        if !arguments.tables.is_empty() {
            return Err(Problem::usage(
                "backstop::cli::whole_run",
                format!("run {} has not ended, so only all of it can be brought back", found.run.id),
                "Leave `--table` out, or end the run first (`backstop accept`) and name its backup.",
            ));
        }
        let run = found.summary.run;
        let plan = plan_name(&found.run.plan)?;
        if let Some(sight) = self.sight_of_run(client, &found, console).await? {
            if arguments.dry_run {
                sight.tell(console)?;
                return sight.preview.blocked.map_or(Ok(Exit::Done), |why| Err(unreadable(why)));
            }
            console.say(&sight.summary(console.style()));
        } else if arguments.dry_run {
            let text = "the run has no complete backup: it changed nothing, and there is nothing to bring back";
            let database = self.database.options().database().to_owned();
            console.answer(text, &Answer::RestorePreview(RestorePreview { database, ..RestorePreview::default() }))?;
            return Ok(Exit::Done);
        }
        let database = self.database.options().database();
        let question = format!("Bring run {} of plan {} back in database {database}?", found.run.id, found.run.plan);
        agree(self, arguments, &question).await?;
        let mut world = self.open(&Target::without_plan(&plan, run, sequences(&found.events)), console).await?;
        if arguments.overwrite_later_writes {
            world.decide(LaterWrites::Overwrite);
        }
        let now = journals::read(&world.session().client, found.summary).await?;
        if now.events.len() != found.events.len() {
            return Err(changed_meanwhile("the run went on since this restore was looked at"));
        }
        let ended = self.drive(&mut world, console, async |driver| driver.go_back(now.events).await).await?;
        as_asked(close(run, &ended, console)?, &ended)
    }

    /// What bringing a run back would do; none where it has no backup. What can't be looked at is no reason not to go back.
    async fn sight_of_run(&self, client: &Client, found: &Found, console: &Console) -> Result<Option<Sight>, Problem> {
        let Some(id) = &found.run.backup else { return Ok(None) };
        let steps: Vec<StepCommitted> = found.run.steps.clone();
        let run = found.run.id.clone();
        let looked = async {
            let manifest = backup::read(client, id).await?;
            let tables = tables_of(&found.events);
            let manifest = manifest.only(&tables)?;
            let changed = changed(&steps);
            let order = Order {
                manifest: &manifest,
                changed: if tables.is_empty() { Changed::ByRun(&changed) } else { Changed::Beneath },
                sequences: sequences(&found.events),
                run: Some(&run),
                later_writes: LaterWrites::default(),
                patience: Patience::default(),
                fidelity: Fidelity::Exact,
            };
            Sight::of(client, &order, self.database.options().database()).await
        };
        match unless_stopped(self.interruption, async { Ok(looked.await) }).await? {
            Ok(sight) => Ok(Some(sight)),
            Err(failure) => {
                console.say(&format!("what the restore changes could not be looked at: {}", failure.message));
                Ok(None)
            }
        }
    }

    /// Brings a backup, or some of its tables, back in a run of its own, or beside the live database.
    async fn by_choice(
        &self,
        connection: &Connection,
        arguments: &Restore,
        id: &str,
        console: &mut Console,
    ) -> Result<Exit, Problem> {
        let client = &connection.client;
        let looked = Looked::at(client, id).await?;
        let Looked { backup, steps, sequences } = &looked;
        let manifest = backup::read(client, id).await.map_err(unreadable)?;
        let tables = chosen(&manifest, &arguments.tables)?;
        let chosen = manifest.only(&tables).map_err(unreadable)?;
        if let Some(into) = &arguments.into {
            return beside::run(self, connection, &chosen, into, console).await;
        }
        let changed = changed(steps);
        let order = Order {
            manifest: &chosen,
            changed: if tables.is_empty() { Changed::ByRun(&changed) } else { Changed::Beneath },
            sequences: *sequences,
            run: None,
            later_writes: LaterWrites::default(),
            patience: Patience::default(),
            fidelity: Fidelity::Exact,
        };
        let database = self.database.options().database();
        let looking = async { Sight::of(client, &order, database).await.map_err(unreadable) };
        let sight = unless_stopped(self.interruption, looking).await?;
        if arguments.dry_run {
            sight.tell(console)?;
            return sight.obstacles().map(|()| Exit::Done);
        }
        console.say(&sight.summary(console.style()));
        sight.obstacles()?;
        agree(self, arguments, &question(&chosen, backup, database)).await?;
        self.bring_back(&looked, tables, console).await
    }

    async fn bring_back(&self, looked: &Looked, tables: Vec<String>, console: &mut Console) -> Result<Exit, Problem> {
        let run = Uuid::now_v7();
        let restores = Restores { backup: looked.backup.id.clone(), steps: looked.steps.clone(), tables };
        let started = RunStarted { run: run.to_string(), sequences: looked.sequences, ..started(&looked.backup, restores) };
        let plan = plan_name(&looked.backup.plan)?;
        let mut world = self.open(&Target::without_plan(&plan, run, started.sequences), console).await?;
        let client = &world.session().client;
        if let Some(waiting) = journals::unfinished(client).await? {
            return Err(Problem::usage(
                "backstop::cli::unfinished_run",
                format!("run {} of plan {} has not ended", waiting.run.id, waiting.run.plan),
                "Bring that one back first (`backstop restore`), or accept it.",
            ));
        }
        looked.still_so(client).await?;
        let ended = self.drive(&mut world, console, async |driver| driver.bring_back(started).await).await?;
        as_asked(close(run, &ended, console)?, &ended)
    }
}

/// Whether a run can be brought back as itself: it has not ended, or its restore failed.
fn waits(state: &State) -> bool {
    matches!(state, State::Finished(Ending::Stuck(_))) || !matches!(state, State::Finished(_))
}

fn question(manifest: &Manifest, backup: &BackupInfo, database: &str) -> String {
    let rows = manifest.tables.iter().map(|table| table.content.rows).sum();
    format!(
        "Bring {} tables with {} rows of database {database} back to {}? Everything that was written to them since is lost.",
        manifest.tables.len(),
        report::count(rows),
        backup.created_at
    )
}

/// The tables that are meant, as `schema.table`; the schema may be left out where only one table of the backup has the name.
fn chosen(manifest: &Manifest, names: &[String]) -> Result<Vec<String>, Problem> {
    let mut tables = Vec::new();
    for name in names {
        let found: Vec<String> =
            manifest.tables.iter().filter(|t| t.title() == *name || t.name == *name).map(|t| t.title()).collect();
        match found.as_slice() {
            [one] => tables.push(one.clone()),
            _ => {
                let titles: Vec<String> = manifest.tables.iter().map(|table| table.title()).collect();
                let message = match found.as_slice() {
                    [] => format!("the backup {} does not hold {name}", manifest.id),
                    some => format!("{name} could be {}", some.join(" or ")),
                };
                return Err(Problem::usage(
                    "backstop::cli::unknown_table",
                    message,
                    format!("It holds {}.", titles.join(", ")),
                ));
            }
        }
    }
    tables.sort();
    tables.dedup();
    Ok(tables)
}

/// The only tables that a run brings back.
fn tables_of(events: &[Recorded]) -> Vec<String> {
    match events.first().map(|recorded| &recorded.event) {
        Some(Event::RunStarted(started)) => {
            started.restores.as_ref().map(|restores| restores.tables.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn changed(steps: &[StepCommitted]) -> BTreeSet<ObjectKey> {
    steps.iter().flat_map(|step| &step.changes).map(|change| change.object.clone()).collect()
}

/// Somebody said yes, here or on the command line.
async fn agree(site: &Site<'_>, arguments: &Restore, question: &str) -> Result<(), Problem> {
    let asked = async { Ok(std::io::stdin().is_terminal() && confirm(question).await) };
    if arguments.yes || unless_stopped(site.interruption, asked).await? {
        return Ok(());
    }
    Err(Problem::usage("backstop::cli::not_agreed", format!("not agreed: {question}"), "Say it with `--yes`."))
}

/// What the runs since the backup committed: what of it is still there is taken back.
async fn steps_since(client: &Client, backup: &BackupInfo) -> Result<Vec<StepCommitted>, Problem> {
    let mut steps = Vec::new();
    for run in journal::runs_since(client, &backup.id).await.map_err(unreadable)? {
        let is_its_own = backup.run.as_deref() == Some(run.to_string().as_str());
        for recorded in journal::read(client, run, 1).await.map_err(unreadable)? {
            // Both are RFC 3339 in UTC, the backup's without fractions: a step of that second counts as later.
            let is_later = is_its_own || recorded.at.as_str() > backup.created_at.trim_end_matches('Z');
            if let (Event::StepCommitted(step), true) = (recorded.event, is_later) {
                steps.push(step);
            }
        }
    }
    Ok(steps)
}

/// What was looked at before the question, and is looked at again under the run lock.
#[derive(PartialEq)]
struct Looked {
    backup: BackupInfo,
    steps: Vec<StepCommitted>,
    sequences: Sequences,
}

impl Looked {
    async fn at(client: &Client, id: &str) -> Result<Self, Problem> {
        let backups = backup::list(client).await.map_err(unreadable)?;
        let Some(backup) = backups.into_iter().find(|backup| backup.id == id) else {
            return Err(Problem::usage(
                "backstop::cli::unknown_backup",
                format!("there is no backup {id}"),
                "`backstop backup list` lists the backups.",
            ));
        };
        let steps = steps_since(client, &backup).await?;
        let sequences = sequences_of(client, &backup).await?;
        Ok(Looked { backup, steps, sequences })
    }

    /// Nothing that a run did, or that became of the backup, while a person was asked, may go unseen.
    async fn still_so(&self, client: &Client) -> Result<(), Problem> {
        if Looked::at(client, &self.backup.id).await? == *self {
            return Ok(());
        }
        Err(changed_meanwhile("runs have changed the database, or the backup, since this restore was looked at"))
    }
}

fn changed_meanwhile(message: &str) -> Problem {
    let failure = Failure::permanent("backstop::cli::changed_meanwhile", message).hint(
        "Nothing was changed. `backstop history` shows what was done; look again, with `--dry-run`, and then restore.",
    );
    Problem::failure(Exit::Aborted, failure)
}

/// What the plan of the run said that took the backup.
async fn sequences_of(client: &Client, backup: &BackupInfo) -> Result<Sequences, Problem> {
    let Some(run) = backup.run.as_deref().and_then(|run| run.parse().ok()) else { return Ok(Sequences::default()) };
    Ok(sequences(&journal::read(client, run, 1).await.map_err(unreadable)?))
}

fn started(backup: &BackupInfo, restores: Restores) -> RunStarted {
    RunStarted {
        run: String::new(),
        plan: backup.plan.clone(),
        fingerprint: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        outline: Outline {
            transaction: Transaction::Step,
            steps: Vec::new(),
            rollback: Rollback::default(),
            untouched: Untouched::default(),
        },
        backup_schema: backup.schema.clone(),
        rendered: String::new(),
        sequences: Sequences::default(),
        restores: Some(restores),
        saved_plan: None,
    }
}

/// A restore that was asked for and done is a success.
fn as_asked(exit: Exit, ended: &Ended) -> Result<Exit, Problem> {
    Ok(if matches!(ended, Ended::Finished(Ending::Restored { .. } | Ending::Aborted(_))) { Exit::Done } else { exit })
}
