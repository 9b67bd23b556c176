//! `backstop backup`: create, list, verify, prune.

use super::{
    answer::{Answer, BackedUp, BackupRecord, Backups, Pruned, Verified},
    arguments::{BackupList, BackupPrune, BackupVerify, OnePlan},
    console::Console,
    exit::Exit,
    journals::unreadable,
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
    running::Lock,
    signals::{self, unless_stopped},
};
use crate::{
    machine::{BackupCompleted, Failure},
    postgres::{
        backup::{self, BackupInfo, BrokenRows, Pruning, Request, Retention},
        interrupt::Guard,
        preflight,
        search_path::PlanPath,
        table_lock::Patience,
        trial::{Setting, try_out},
    },
    report::{self, BackupRow},
};

/// Takes a backup of a plan's targets.
pub async fn create(arguments: &OnePlan, console: &Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let database = Database::open(&arguments.place).await?;
    let interruption = signals::listen(arguments.running.grace)?;
    let lock = unless_stopped(&interruption, Lock::take(&database, &arguments.running, console)).await?;
    let plan = resolved.plan();
    let tables = preflight::targets(lock.client(), plan).await.map_err(|found| Problem::failures(Exit::Aborted, found))?;
    let search_path = PlanPath::of(&plan.session).schemas().to_vec();
    let request = Request {
        schema: plan.backup.schema.sent(),
        plan: plan.name.as_str(),
        run: None,
        tables: &tables,
        patience: Patience::default(),
        search_path: &search_path,
        broken_rows: BrokenRows::Refuse,
    };
    let guard = Guard::new(&interruption, vec![lock.cancel()]);
    let (taken, shortcoming) = backup::take_alone(&request, lock.client(), &guard).await.map_err(unreadable)?;
    lock.release().await;
    if let Some(failure) = shortcoming {
        console.warn(&report::failure(&failure, report::Style::Plain))?;
    }
    let taken = taken.event();
    console.answer(&told(&taken), &Answer::Backup(BackedUp { backup: taken.clone() }))?;
    Ok(Exit::Done)
}

fn told(taken: &BackupCompleted) -> String {
    let (rows, bytes) = taken.tables.iter().fold((0, 0), |(rows, bytes), t| (rows + t.rows, bytes + t.bytes));
    format!(
        "backup {}: {} tables, {} rows, {}, verified",
        taken.backup,
        taken.tables.len(),
        report::count(rows),
        report::bytes(bytes)
    )
}

/// Lists the backups, the newest first.
pub async fn list(arguments: &BackupList, console: &Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let mut backups = backup::list(&connection.client).await.map_err(unreadable)?;
    backups.retain(|backup| arguments.plan.as_ref().is_none_or(|plan| *plan == backup.plan));
    let rows: Vec<BackupRow> = backups.iter().map(row).collect();
    let answer = Answer::Backups(Backups { bytes: bytes_of(&backups), backups: records(&backups) });
    console.answer(&report::backups(&rows, console.style()), &answer)?;
    Ok(Exit::Done)
}

fn row(backup: &BackupInfo) -> BackupRow {
    let pinned = if backup.pinned { ", pinned by its run" } else { "" };
    BackupRow {
        id: backup.id.clone(),
        plan: backup.plan.clone(),
        taken: backup.created_at.clone(),
        tables: backup.tables,
        rows: backup.rows,
        bytes: backup.bytes,
        state: format!("{}{pinned}", backup.status.word()),
    }
}

fn records(backups: &[BackupInfo]) -> Vec<BackupRecord> {
    backups.iter().map(BackupRecord::from).collect()
}

fn bytes_of(backups: &[BackupInfo]) -> u64 {
    backups.iter().map(|backup| backup.bytes).sum()
}

/// Digests a backup's copies and compares them with the manifest; then tries the restore where it disturbs nobody.
pub async fn verify(arguments: &BackupVerify, console: &Console) -> Result<Exit, Problem> {
    let interruption = signals::listen(None)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let client = &connection.client;
    let id = match &arguments.id {
        Some(id) => id.clone(),
        None => backup::newest_complete(client, None).await.map_err(unreadable)?,
    };
    let verifying = async { backup::verify(client, &id).await.map_err(unreadable) };
    let found = unless_stopped(&interruption, verifying).await?;
    if !found.problems.is_empty() {
        let failure = |problem: &String| {
            Failure::permanent("backstop::backup::damaged", problem.clone())
                .hint("Don't rely on this backup: take another one, and find out who changed the copy.")
        };
        return Err(Problem::failures(Exit::Aborted, found.problems.iter().map(failure).collect()));
    }
    let mut text =
        format!("backup {id}: {} tables with {} rows are what was copied", found.tables, report::count(found.rows));
    let mut verified = Verified { backup: id.clone(), tables: found.tables as u64, rows: found.rows, trial: None };
    if !arguments.quick {
        let manifest = backup::read(client, &id).await.map_err(unreadable)?;
        let setting = Setting {
            manifest: &manifest,
            options: database.options(),
            live: client,
            cancel: connection.cancel(),
            interruption: &interruption,
        };
        let trial = try_out(&setting).await.map_err(|failure| unproven(&id, failure))?;
        text += &format!("\n{}", report::trial(&trial));
        verified.trial = Some(trial);
    }
    console.answer(&text, &Answer::Verified(verified))?;
    Ok(Exit::Done)
}

fn unproven(id: &str, failure: Failure) -> Problem {
    let message = format!("backup {id} could not be restored in a trial: {}", failure.message);
    unreadable(Failure { message, ..failure })
}

/// Removes old backups, or says which it would remove.
pub async fn prune(arguments: &BackupPrune, console: &Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let lock = Lock::take(&database, &arguments.running, console).await?;
    let retention = Retention { keep: arguments.keep, plan: arguments.plan.as_deref() };
    let (pruning, word) = match arguments.dry_run {
        true => (Pruning::Preview, "would be removed"),
        false => (Pruning::Remove, "removed"),
    };
    let surplus = backup::prune(lock.client(), &retention, pruning).await.map_err(unreadable)?;
    let kept: Vec<(BackupInfo, &str)> = backup::list(lock.client())
        .await
        .map_err(unreadable)?
        .into_iter()
        .filter(|backup| backup.pinned && arguments.plan.as_ref().is_none_or(|plan| *plan == backup.plan))
        .map(|backup| (backup, "a run that has not ended may need it"))
        .collect();
    lock.release().await;
    let freed = bytes_of(&surplus);
    let mut text: String =
        surplus.iter().map(|b| format!("{word}: {} of {}, {}\n", b.id, b.plan, report::bytes(b.bytes))).collect();
    text += &match surplus.len() {
        0 => "nothing to remove\n".to_owned(),
        some => format!("{some} backups {word}, {}\n", report::bytes(freed)),
    };
    for (backup, why) in &kept {
        text += &format!("kept: {} of {}, {why}\n", backup.id, backup.plan);
    }
    let pinned = kept.iter().map(|(backup, _)| backup.id.clone()).collect();
    let pruned = Pruned { backups: records(&surplus), bytes: freed, pinned };
    console.answer(&text, &if arguments.dry_run { Answer::WouldRemove(pruned) } else { Answer::Removed(pruned) })?;
    Ok(Exit::Done)
}
