//! A look at a restore before it is made: what would be brought back, what that changes, and what stands in the way.

use tokio_postgres::Client;

use super::{
    basis::RestoreBasis,
    target::{RestoreOptions, RestoreTarget, backup_of, chosen, found},
};
use crate::{
    catalog::OthersWork,
    drive::{manifest::Manifest, ports::Recorded},
    machine::{Event, Failure, Fidelity, RunOutcome, State, own_changes},
    operations::{
        interruption::unless_stopped,
        problem::{OperationProblem, ProblemKind},
        run_context::RunContext,
        runs::{ReplayedRun, plan_name, sequences},
        watcher::{OperationNotice, Watcher},
    },
    plan::Sequences,
    postgres::{
        backup::{self, InDatabase},
        later_writes::LaterWrites,
        restore::{Misfit, Preview, RestoreRequest, RestoreScope, RunsWork, preview},
        table_lock::Patience,
    },
};

/// A restore that can be made, looked at before it is.
pub struct Restore {
    pub(super) way: RestoreKind,
    /// The name of the database that would be changed.
    pub database: String,
    /// The backup that is brought back, and what that changes; none where the run has no backup, or where it can't be said.
    pub forecast: Option<RestoreForecast>,
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
pub(super) enum RestoreKind {
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
        let Some(RestoreForecast { preview, .. }) = &self.forecast else { return Ok(()) };
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
    let connection = context.connected(watcher).await?;
    let client = &connection.client;
    match found(client, wanted).await? {
        RestoreTarget::Run(found) if waits(&found.run.state) => look_at_run(context, client, wanted, found, watcher).await,
        RestoreTarget::Run(found) => look_at_backup(context, client, wanted, &backup_of(*found)?).await,
        RestoreTarget::Backup(id) => look_at_backup(context, client, wanted, &id).await,
    }
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
    let forecast = forecast_of_run(context, client, &found, watcher).await?;
    Ok(Restore { way: RestoreKind::Run(found), database: context.database.name().to_owned(), forecast })
}

/// What bringing a run back would do; none where it has no backup. What can't be looked at is no reason not to go back.
async fn forecast_of_run(
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
        let own = own_changes(found.events.iter().map(|recorded| &recorded.event));
        let work = RunsWork::look(client, &found.run.steps, own).await?;
        let changed = if tables.is_empty() { RestoreScope::ByRun(&work.changed) } else { RestoreScope::Beneath };
        let request = RestoreRequest {
            run: Some(&found.run.id),
            others: work.others(),
            ..request(&manifest, changed, sequences(&found.events))
        };
        forecast(client, &request).await
    };
    match unless_stopped(context.interruption, async { Ok(looked.await) }).await? {
        Ok(forecast) => Ok(Some(forecast)),
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
    let work = RunsWork::look(client, &looked.steps, None).await.map_err(OperationProblem::unreadable)?;
    let changed = if tables.is_empty() { RestoreScope::ByRun(&work.changed) } else { RestoreScope::Beneath };
    let request = request(&manifest, changed, looked.sequences);
    let looking = async { forecast(client, &request).await.map_err(OperationProblem::unreadable) };
    let forecast = Some(unless_stopped(context.interruption, looking).await?);
    let all = (manifest.tables.len(), manifest.tables.iter().map(|table| table.content.rows).sum());
    let way = RestoreKind::Backup { looked: Box::new(looked), tables, all };
    Ok(Restore { way, database: context.database.name().to_owned(), forecast })
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
        memory: None,
    }
}

async fn forecast(client: &Client, request: &RestoreRequest<'_>) -> Result<RestoreForecast, Failure> {
    Ok(RestoreForecast { preview: preview(client, request).await?, backup: request.manifest.id.clone() })
}

/// Whether a run can be brought back as itself: it has not ended, or its restore failed.
fn waits(state: &State) -> bool {
    matches!(state, State::Finished(RunOutcome::Stuck(_))) || !matches!(state, State::Finished(_))
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
