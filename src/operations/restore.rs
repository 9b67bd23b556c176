//! The way back: of a run that has not ended, or to a backup. Looked at first, then made, in one transaction that proves itself.

use std::collections::BTreeSet;

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    interruption::unless_stopped,
    problem::{OperationProblem, ProblemKind},
    run_context::{RunContext, RunTarget},
    runs::{self, ReplayedRun, plan_name, sequences},
    watcher::{OperationNotice, RunLeft, Watcher},
};
use crate::{
    catalog::{ObjectKey, OthersWork},
    drive::{manifest::Manifest, ports::Recorded},
    machine::{
        Event, Failure, Fidelity, Outline, Restores, RunOutcome, RunStarted, State, StepCommitted, Untouched, own_changes,
    },
    plan::{Rollback, Sequences, Transaction},
    postgres::{
        backup::{self, BackupInfo, InDatabase},
        connection::Connection,
        journal,
        restore::{RestoreRequest, RestoreScope, preview},
        table_lock::Patience,
        trial::{RestoreInto, into_database},
    },
};

pub use crate::postgres::{
    later_writes::LaterWrites,
    restore::{Misfit, Preview, PreviewStatement},
    trial::Filled,
};

/// What is to be brought back; the only run that has not ended where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// The run to take back: its id or its first characters.
    pub run: Option<String>,
    /// The backup to bring back, whatever came after it. A run goes before it.
    pub backup: Option<String>,
    /// Only these tables of it, as `schema.table`; all where none is named.
    pub tables: Vec<String>,
}

/// A restore that can be made, looked at before it is.
pub struct Restore {
    way: RestoreKind,
    /// The name of the database that would be changed.
    pub database: String,
    /// The backup that is brought back, and what that changes; none where the run has no backup, or where it can't be said.
    pub sight: Option<RestoreForecast>,
}

/// What a restore would do.
#[derive(Debug)]
pub struct RestoreForecast {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// What would change.
    pub preview: Preview,
}

/// Which way back it is.
enum RestoreKind {
    /// A run that has not ended is taken back, all of it.
    Run(Box<ReplayedRun>),
    /// A backup, or some of its tables, is brought back in a run of its own.
    Backup { looked: Box<RestoreBasis>, tables: Vec<String>, all: (usize, u64) },
}

/// What somebody who is asked must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmationSubject<'a> {
    /// A run that has not ended.
    Run {
        /// UUID, as text.
        run: &'a str,
        /// The name of the run's plan.
        plan: &'a str,
    },
    /// A backup: what was written to its tables since is lost.
    Backup {
        /// How many tables are brought back.
        tables: usize,
        /// Their rows.
        rows: u64,
        /// When it was taken, RFC 3339.
        taken: &'a str,
    },
}

impl Restore {
    /// What is brought back.
    pub fn subject(&self) -> ConfirmationSubject<'_> {
        match &self.way {
            RestoreKind::Run(found) => ConfirmationSubject::Run { run: &found.run.id, plan: &found.run.plan },
            RestoreKind::Backup { looked, all: (tables, rows), .. } => {
                ConfirmationSubject::Backup { tables: *tables, rows: *rows, taken: &looked.backup.stored.created_at }
            }
        }
    }

    /// Refuses a restore that would fail, as far as that can be seen. That of a run is tried all the same: there is nothing better.
    ///
    /// # Errors
    /// Everything that stands in the way.
    pub fn refuse_obstacles(&self) -> Result<(), OperationProblem> {
        match &self.way {
            RestoreKind::Run(_) => Ok(()),
            RestoreKind::Backup { .. } => self.obstacles(),
        }
    }

    /// What stands in the way, for somebody who only asks.
    ///
    /// # Errors
    /// Everything that stands in the way.
    pub fn obstacles(&self) -> Result<(), OperationProblem> {
        let Some(RestoreForecast { preview, .. }) = &self.sight else { return Ok(()) };
        let mut failures: Vec<Failure> = preview.blocked.iter().cloned().collect();
        if let RestoreKind::Backup { .. } = &self.way {
            failures.extend(preview.misfits.iter().map(misfit));
        }
        if failures.is_empty() { Ok(()) } else { Err(OperationProblem::failures(ProblemKind::Aborted, failures)) }
    }
}

fn misfit(misfit: &Misfit) -> Failure {
    Failure::permanent("backstop::restore::rows_do_not_fit", misfit.told()).hint(
        "Nothing was changed. Bring the other table back, too, or delete these rows; `backstop diff --backup ID` shows what \
         changed since.",
    )
}

/// Looks for what is to be brought back, and at what that would change.
///
/// # Errors
/// Where there is no such run, backup or table.
pub async fn look(
    context: &RunContext<'_>,
    wanted: &RestoreOptions,
    watcher: &mut dyn Watcher,
) -> Result<Restore, OperationProblem> {
    let connection = connected(context, watcher).await?;
    let client = &connection.client;
    match found(client, wanted).await? {
        RestoreTarget::Run(found) if waits(&found.run.state) => look_at_run(context, client, wanted, found, watcher).await,
        RestoreTarget::Run(found) => look_at_backup(context, client, wanted, &backup_of(*found)?).await,
        RestoreTarget::Backup(id) => look_at_backup(context, client, wanted, &id).await,
    }
}

/// Brings it back.
///
/// # Errors
/// Where something that was looked at is not so any more.
pub async fn restore(
    context: &RunContext<'_>,
    wanted: Restore,
    later_writes: LaterWrites,
    watcher: &mut dyn Watcher,
) -> Result<RunLeft, OperationProblem> {
    match wanted.way {
        RestoreKind::Run(found) => context.go_back(*found, later_writes, watcher).await,
        RestoreKind::Backup { looked, tables, .. } => context.bring_back(&looked, tables, watcher).await,
    }
}

/// Makes a backup's state in another database of the same server, which is new or empty. The live one is left alone.
///
/// # Errors
/// Where there is no such run, backup or table, and what keeps the database from being filled.
pub async fn restore_into(
    context: &RunContext<'_>,
    wanted: &RestoreOptions,
    database: &str,
    watcher: &mut dyn Watcher,
) -> Result<RestoredInto, OperationProblem> {
    let connection = connected(context, watcher).await?;
    let client = &connection.client;
    let id = match found(client, wanted).await? {
        RestoreTarget::Run(found) => backup_of(*found)?,
        RestoreTarget::Backup(id) => id,
    };
    RestoreBasis::at(client, &id).await?;
    let manifest = backup::read(&InDatabase, client, &id).await.map_err(OperationProblem::unreadable)?;
    let manifest = manifest.only(&chosen(&manifest, &wanted.tables)?).map_err(OperationProblem::unreadable)?;
    let beside = RestoreInto {
        manifest: &manifest,
        store: &InDatabase,
        options: context.database.options(),
        live: client,
        cancel: connection.cancel(),
        database,
        interruption: context.interruption,
    };
    let filled = into_database(&beside).await.map_err(OperationProblem::unreadable)?;
    Ok(RestoredInto { backup: manifest.id.clone(), database: database.to_owned(), filled })
}

/// A backup's state in another database.
pub struct RestoredInto {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// The other database.
    pub database: String,
    /// What it holds.
    pub filled: Filled,
}

async fn connected(context: &RunContext<'_>, watcher: &mut dyn Watcher) -> Result<Connection, OperationProblem> {
    let connecting = context.database.connect_within(context.options.reconnect, watcher);
    unless_stopped(context.interruption, connecting).await
}

/// What is meant.
enum RestoreTarget {
    Run(Box<ReplayedRun>),
    Backup(String),
}

async fn found(client: &Client, wanted: &RestoreOptions) -> Result<RestoreTarget, OperationProblem> {
    match (&wanted.run, &wanted.backup) {
        (Some(id), _) => Ok(RestoreTarget::Run(Box::new(runs::one(client, Some(id)).await?))),
        (None, Some(id)) => Ok(RestoreTarget::Backup(id.clone())),
        (None, None) => match runs::unfinished(client).await? {
            Some(found) => Ok(RestoreTarget::Run(Box::new(found))),
            None => Err(OperationProblem::usage(
                "backstop::cli::no_run",
                "no run waits to be brought back",
                "Name a run (`backstop history`) or a backup (`--backup ID`, `backstop backup list`).",
            )),
        },
    }
}

fn backup_of(found: ReplayedRun) -> Result<String, OperationProblem> {
    let ReplayedRun { run, .. } = found;
    run.backup.ok_or_else(|| {
        OperationProblem::usage(
            "backstop::cli::no_backup",
            format!("run {} took no backup: it changed nothing", run.id),
            "`backstop backup list` lists the backups.",
        )
    })
}

async fn look_at_run(
    context: &RunContext<'_>,
    client: &Client,
    wanted: &RestoreOptions,
    found: Box<ReplayedRun>,
    watcher: &mut dyn Watcher,
) -> Result<Restore, OperationProblem> {
    if !wanted.tables.is_empty() {
        return Err(OperationProblem::usage(
            "backstop::cli::whole_run",
            format!("run {} has not ended, so only all of it can be brought back", found.run.id),
            "Leave `--table` out, or end the run first (`backstop accept`) and name its backup.",
        ));
    }
    plan_name(&found.run.plan)?;
    let sight = sight_of_run(context, client, &found, watcher).await?;
    Ok(Restore { way: RestoreKind::Run(found), database: context.database.name().to_owned(), sight })
}

/// What bringing a run back would do; none where it has no backup. What can't be looked at is no reason not to go back.
async fn sight_of_run(
    context: &RunContext<'_>,
    client: &Client,
    found: &ReplayedRun,
    watcher: &mut dyn Watcher,
) -> Result<Option<RestoreForecast>, OperationProblem> {
    let Some(id) = &found.run.backup else { return Ok(None) };
    let looked = async {
        let manifest = backup::read(&InDatabase, client, id).await?;
        let tables = tables_of(&found.events);
        let manifest = manifest.only(&tables)?;
        let changed = changed(&found.run.steps);
        let changed = if tables.is_empty() { RestoreScope::ByRun(&changed) } else { RestoreScope::Beneath };
        let own = own_changes(found.events.iter().map(|recorded| &recorded.event));
        let others = own.as_deref().map_or(OthersWork::Tables, OthersWork::AllBut);
        let request =
            RestoreRequest { run: Some(&found.run.id), others, ..request(&manifest, changed, sequences(&found.events)) };
        sight(client, &request).await
    };
    match unless_stopped(context.interruption, async { Ok(looked.await) }).await? {
        Ok(sight) => Ok(Some(sight)),
        Err(failure) => {
            // Where nobody can be told, it is no reason either.
            let _ = watcher.notice(OperationNotice::NoPreview(&failure));
            Ok(None)
        }
    }
}

async fn look_at_backup(
    context: &RunContext<'_>,
    client: &Client,
    wanted: &RestoreOptions,
    id: &str,
) -> Result<Restore, OperationProblem> {
    let looked = RestoreBasis::at(client, id).await?;
    let manifest = backup::read(&InDatabase, client, id).await.map_err(OperationProblem::unreadable)?;
    let tables = chosen(&manifest, &wanted.tables)?;
    let manifest = manifest.only(&tables).map_err(OperationProblem::unreadable)?;
    let changed = changed(&looked.steps);
    let changed = if tables.is_empty() { RestoreScope::ByRun(&changed) } else { RestoreScope::Beneath };
    let request = request(&manifest, changed, looked.sequences);
    let looking = async { sight(client, &request).await.map_err(OperationProblem::unreadable) };
    let sight = Some(unless_stopped(context.interruption, looking).await?);
    let all = (manifest.tables.len(), manifest.tables.iter().map(|table| table.content.rows).sum());
    let way = RestoreKind::Backup { looked: Box::new(looked), tables, all };
    Ok(Restore { way, database: context.database.name().to_owned(), sight })
}

fn request<'a>(manifest: &'a Manifest, changed: RestoreScope<'a>, sequences: Sequences) -> RestoreRequest<'a> {
    RestoreRequest {
        manifest,
        store: &InDatabase,
        changed,
        others: OthersWork::Tables,
        sequences,
        run: None,
        later_writes: LaterWrites::default(),
        patience: Patience::default(),
        fidelity: Fidelity::Exact,
    }
}

async fn sight(client: &Client, request: &RestoreRequest<'_>) -> Result<RestoreForecast, Failure> {
    Ok(RestoreForecast { preview: preview(client, request).await?, backup: request.manifest.id.clone() })
}

impl RunContext<'_> {
    /// Brings a run back that has not ended, all of it.
    async fn go_back(
        &self,
        found: ReplayedRun,
        later_writes: LaterWrites,
        watcher: &mut dyn Watcher,
    ) -> Result<RunLeft, OperationProblem> {
        let (run, plan) = (found.summary.run, plan_name(&found.run.plan)?);
        let target = RunTarget::without_plan(&plan, run, sequences(&found.events));
        let mut executor = self.open(&target, watcher).await?;
        executor.decide(later_writes);
        let now = runs::read(&executor.session().client, found.summary).await?;
        if now.events.len() != found.events.len() {
            return Err(changed_meanwhile("the run went on since this restore was looked at"));
        }
        self.drive(run, &mut executor, watcher, async |driver| driver.go_back(now.events).await).await
    }

    async fn bring_back(
        &self,
        looked: &RestoreBasis,
        tables: Vec<String>,
        watcher: &mut dyn Watcher,
    ) -> Result<RunLeft, OperationProblem> {
        let run = Uuid::now_v7();
        let restores = Restores { backup: looked.backup.stored.id.clone(), steps: looked.steps.clone(), tables };
        let started = RunStarted { run: run.to_string(), sequences: looked.sequences, ..started(&looked.backup, restores) };
        let plan = plan_name(&looked.backup.stored.plan)?;
        let mut executor = self.open(&RunTarget::without_plan(&plan, run, started.sequences), watcher).await?;
        let client = &executor.session().client;
        if let Some(waiting) = runs::unfinished(client).await? {
            return Err(OperationProblem::usage(
                "backstop::cli::unfinished_run",
                format!("run {} of plan {} has not ended", waiting.run.id, waiting.run.plan),
                "Bring that one back first (`backstop restore`), or accept it.",
            ));
        }
        looked.still_so(client).await?;
        self.drive(run, &mut executor, watcher, async |driver| driver.bring_back(started).await).await
    }
}

/// Whether a run can be brought back as itself: it has not ended, or its restore failed.
fn waits(state: &State) -> bool {
    matches!(state, State::Finished(RunOutcome::Stuck(_))) || !matches!(state, State::Finished(_))
}

/// The tables that are meant, as `schema.table`; the schema may be left out where only one table of the backup has the name.
fn chosen(manifest: &Manifest, names: &[String]) -> Result<Vec<String>, OperationProblem> {
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
                return Err(OperationProblem::usage(
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

/// What the runs since the backup committed: what of it is still there is taken back.
async fn steps_since(client: &Client, backup: &BackupInfo) -> Result<Vec<StepCommitted>, OperationProblem> {
    let mut steps = Vec::new();
    for run in journal::runs_since(client, &backup.stored.id).await.map_err(OperationProblem::unreadable)? {
        let is_its_own = backup.stored.run.as_deref() == Some(run.to_string().as_str());
        for recorded in journal::read(client, run, 1).await.map_err(OperationProblem::unreadable)? {
            // Both are RFC 3339 in UTC, the backup's without fractions: a step of that second counts as later.
            let is_later = is_its_own || recorded.at.as_str() > backup.stored.created_at.trim_end_matches('Z');
            if let (Event::StepCommitted(step), true) = (recorded.event, is_later) {
                steps.push(step);
            }
        }
    }
    Ok(steps)
}

/// What was looked at before the question, and is looked at again under the run lock.
#[derive(PartialEq)]
struct RestoreBasis {
    backup: BackupInfo,
    steps: Vec<StepCommitted>,
    sequences: Sequences,
}

impl RestoreBasis {
    async fn at(client: &Client, id: &str) -> Result<Self, OperationProblem> {
        let backups = backup::list(&InDatabase, client).await.map_err(OperationProblem::unreadable)?;
        let Some(backup) = backups.into_iter().find(|backup| backup.stored.id == id) else {
            return Err(OperationProblem::usage(
                "backstop::cli::unknown_backup",
                format!("there is no backup {id}"),
                "`backstop backup list` lists the backups.",
            ));
        };
        let steps = steps_since(client, &backup).await?;
        let sequences = sequences_of(client, &backup).await?;
        Ok(RestoreBasis { backup, steps, sequences })
    }

    /// Nothing that a run did, or that became of the backup, while a person was asked, may go unseen.
    async fn still_so(&self, client: &Client) -> Result<(), OperationProblem> {
        if RestoreBasis::at(client, &self.backup.stored.id).await? == *self {
            return Ok(());
        }
        Err(changed_meanwhile("runs have changed the database, or the backup, since this restore was looked at"))
    }
}

fn changed_meanwhile(message: &str) -> OperationProblem {
    let failure = Failure::permanent("backstop::cli::changed_meanwhile", message).hint(
        "Nothing was changed. `backstop history` shows what was done; look again, with `--dry-run`, and then restore.",
    );
    OperationProblem::failure(ProblemKind::Aborted, failure)
}

/// What the plan of the run said that took the backup.
async fn sequences_of(client: &Client, backup: &BackupInfo) -> Result<Sequences, OperationProblem> {
    let Some(run) = backup.stored.run.as_deref().and_then(|run| run.parse().ok()) else { return Ok(Sequences::default()) };
    Ok(sequences(&journal::read(client, run, 1).await.map_err(OperationProblem::unreadable)?))
}

fn started(backup: &BackupInfo, restores: Restores) -> RunStarted {
    RunStarted {
        run: String::new(),
        plan: backup.stored.plan.clone(),
        fingerprint: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        outline: Outline {
            transaction: Transaction::Step,
            steps: Vec::new(),
            rollback: Rollback::default(),
            untouched: Untouched::default(),
        },
        backup_schema: backup.stored.schema.clone(),
        rendered: String::new(),
        sequences: Sequences::default(),
        restores: Some(restores),
        saved_plan: None,
    }
}
