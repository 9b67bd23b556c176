//! Backups by hand: taken, listed, verified, removed.

use super::{
    database::DatabaseAccess,
    interruption::{Interruption, unless_stopped},
    problem::{OperationProblem, ProblemKind},
    run_context::{RunContext, RunOptions},
    run_lock::Lock,
    watcher::Watcher,
};
use crate::{
    machine::{BackupCompleted, Failure, Trial},
    postgres::{
        backup::{self, BrokenRows, InDatabase, Pruning, Request, Retention},
        interrupt::Guard,
        preflight,
        search_path::PlanPath,
        table_lock::Patience,
        trial::{TrialRequest, trial_restore},
    },
    render::ResolvedPlan,
};

pub use crate::{drive::backups::StoredBackup, postgres::backup::BackupInfo};

/// A backup that was taken by hand.
pub struct Taken {
    /// As the event of a run tells it.
    pub backup: BackupCompleted,
    /// What could not be done beside it, and takes nothing away from it.
    pub shortcoming: Option<Failure>,
}

/// Takes a backup of a plan's targets, under the run lock.
///
/// # Errors
/// Why it could not be taken; nothing of it is left.
pub async fn take(
    context: &RunContext<'_>,
    plan: &ResolvedPlan,
    watcher: &mut dyn Watcher,
) -> Result<Taken, OperationProblem> {
    let taking = Lock::take(context.database, context.options, watcher);
    let lock = unless_stopped(context.interruption, taking).await?;
    let plan = plan.plan();
    let targets = preflight::targets(lock.client(), plan).await;
    let tables = targets.map_err(|found| OperationProblem::failures(ProblemKind::Aborted, found))?;
    let search_path = PlanPath::of(&plan.session).schemas().to_vec();
    let request = Request {
        store: &InDatabase,
        schema: plan.backup.schema.sent(),
        plan: plan.name.as_str(),
        run: None,
        tables: &tables,
        patience: Patience::default(),
        search_path: &search_path,
        memory: None,
        broken_rows: BrokenRows::Refuse,
    };
    let guard = Guard::new(context.interruption, vec![lock.cancel()]);
    let taken = backup::take_manual(&request, lock.client(), &guard).await;
    let (taken, shortcoming) = taken.map_err(OperationProblem::unreadable)?;
    lock.release().await;
    Ok(Taken { backup: taken.event(), shortcoming })
}

/// The backups, the newest first: all, or those of one plan.
///
/// # Errors
/// What keeps them from being read.
pub async fn list(database: &DatabaseAccess, plan: Option<&str>) -> Result<Vec<BackupInfo>, OperationProblem> {
    let connection = database.connect().await?;
    let mut backups = backup::list(&InDatabase, &connection.client).await.map_err(OperationProblem::unreadable)?;
    backups.retain(|backup| plan.is_none_or(|plan| *plan == backup.stored.plan));
    Ok(backups)
}

/// What is tried of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Its copies are digested and compared with its manifest.
    Digests,
    /// Its restore, too, where it disturbs nobody.
    Trial,
}

/// A backup whose copies are what was copied.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// How many tables were digested.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// What a trial restore proved; none where none was asked for.
    pub trial: Option<Trial>,
}

/// Proves a backup; the newest complete one where none is named.
///
/// # Errors
/// Each copy that is not what was copied, and why the backup could not be restored in a trial.
pub async fn verify(
    database: &DatabaseAccess,
    id: Option<&str>,
    proof: Proof,
    interruption: &Interruption,
) -> Result<Verified, OperationProblem> {
    let connection = unless_stopped(interruption, database.connect()).await?;
    let client = &connection.client;
    let id = match id {
        Some(id) => id.to_owned(),
        None => backup::newest_complete(&InDatabase, client, None).await.map_err(OperationProblem::unreadable)?,
    };
    let verifying = async { backup::verify(&InDatabase, client, &id).await.map_err(OperationProblem::unreadable) };
    let found = unless_stopped(interruption, verifying).await?;
    if !found.problems.is_empty() {
        let failure = |problem: &String| {
            Failure::permanent("backstop::backup::damaged", problem.clone())
                .hint("Don't rely on this backup: take another one, and find out who changed the copy.")
        };
        return Err(OperationProblem::failures(ProblemKind::Aborted, found.problems.iter().map(failure).collect()));
    }
    let mut verified = Verified { backup: id, tables: found.tables, rows: found.rows, trial: None };
    if proof == Proof::Trial {
        let manifest = backup::read(&InDatabase, client, &verified.backup).await.map_err(OperationProblem::unreadable)?;
        let setting = TrialRequest {
            manifest: &manifest,
            store: &InDatabase,
            options: database.options(),
            live: client,
            cancel: connection.cancel(),
            interruption,
        };
        verified.trial = Some(trial_restore(&setting).await.map_err(|failure| unproven(&verified.backup, failure))?);
    }
    Ok(verified)
}

fn unproven(id: &str, failure: Failure) -> OperationProblem {
    let message = format!("backup {id} could not be restored in a trial: {}", failure.message);
    OperationProblem::unreadable(Failure { message, ..failure })
}

/// Which backups stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep<'a> {
    /// How many of each plan.
    pub newest: u32,
    /// Only backups of this plan are removed.
    pub plan: Option<&'a str>,
    /// Nothing is removed at all; it is only said what would be.
    pub dry_run: bool,
}

/// Backups that are removed, or would be.
#[derive(Debug, Clone)]
pub struct Pruned {
    /// Those that are.
    pub surplus: Vec<BackupInfo>,
    /// Those that stay because a run that has not ended may need them.
    pub pinned: Vec<BackupInfo>,
}

/// Removes all but the newest backups of each plan, under the run lock.
///
/// # Errors
/// What keeps them from being removed.
pub async fn prune(
    database: &DatabaseAccess,
    options: &RunOptions,
    keep: &Keep<'_>,
    watcher: &mut dyn Watcher,
) -> Result<Pruned, OperationProblem> {
    let lock = Lock::take(database, options, watcher).await?;
    let retention = Retention { keep: keep.newest, plan: keep.plan };
    let pruning = if keep.dry_run { Pruning::Preview } else { Pruning::Remove };
    let surplus =
        backup::prune(&InDatabase, lock.client(), &retention, pruning).await.map_err(OperationProblem::unreadable)?;
    let mut pinned = backup::list(&InDatabase, lock.client()).await.map_err(OperationProblem::unreadable)?;
    pinned.retain(|backup| backup.pinned && keep.plan.is_none_or(|plan| *plan == backup.stored.plan));
    lock.release().await;
    Ok(Pruned { surplus, pinned })
}
