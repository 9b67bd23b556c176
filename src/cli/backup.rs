//! `backstop backup`: create, list, verify, prune.

use super::{
    answer::{self, Answer, BackedUp, BackupRecord, BackupsAnswer},
    arguments::{BackupListArgs, BackupPruneArgs, BackupVerifyArgs, OnePlanArgs},
    console::Console,
    exit::Exit,
    signals,
};
use crate::{
    machine::BackupCompleted,
    operations::{
        DatabaseAccess, OperationProblem, RunContext,
        backup::{self, BackupInfo, Keep, Proof, Pruned, Taken},
        read_resolved,
    },
    report::{self, BackupRow},
};

/// Takes a backup of a plan's targets.
pub async fn create(arguments: &OnePlanArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.database.configuration();
    let plan = read_resolved(&configuration, &arguments.plan, &arguments.values.given())?;
    let database = DatabaseAccess::open(&configuration, &arguments.database.target(), console).await?;
    let interruption = signals::listen(arguments.running.grace)?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let Taken { backup, shortcoming } = backup::take(&context, &plan, console).await?;
    if let Some(failure) = shortcoming {
        console.warn(&report::failure(&failure, report::Style::Plain))?;
    }
    console.answer(&told(&backup), &Answer::Backup(BackedUp { backup }))?;
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
pub async fn list(arguments: &BackupListArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let backups = backup::list(&database, arguments.plan.as_deref()).await?;
    let rows: Vec<BackupRow> = backups.iter().map(row).collect();
    let answer = Answer::Backups(BackupsAnswer { bytes: bytes_of(&backups), backups: records(&backups) });
    console.answer(&report::backups(&rows, console.style()), &answer)?;
    Ok(Exit::Done)
}

fn row(backup: &BackupInfo) -> BackupRow {
    let BackupInfo { stored, pinned } = backup;
    let pinned = if *pinned { ", pinned by its run" } else { "" };
    BackupRow {
        id: stored.id.clone(),
        plan: stored.plan.clone(),
        taken: stored.created_at.clone(),
        tables: stored.tables,
        rows: stored.rows,
        bytes: stored.bytes,
        state: format!("{}{pinned}", stored.status.word()),
    }
}

fn records(backups: &[BackupInfo]) -> Vec<BackupRecord> {
    backups.iter().map(BackupRecord::from).collect()
}

fn bytes_of(backups: &[BackupInfo]) -> u64 {
    backups.iter().map(|backup| backup.stored.bytes).sum()
}

/// Digests a backup's copies and compares them with the manifest; then tries the restore where it disturbs nobody.
pub async fn verify(arguments: &BackupVerifyArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(None)?;
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let proof = if arguments.quick { Proof::Digests } else { Proof::Trial };
    let backup::Verified { backup, tables, rows, trial } =
        backup::verify(&database, arguments.id.as_deref(), proof, &interruption).await?;
    let mut text = format!("backup {backup}: {tables} tables with {} rows are what was copied", report::count(rows));
    if let Some(trial) = &trial {
        text += &format!("\n{}", report::trial(trial));
    }
    let verified = answer::VerifiedAnswer { backup, tables: tables as u64, rows, trial };
    console.answer(&text, &Answer::Verified(verified))?;
    Ok(Exit::Done)
}

/// Removes old backups, or says which it would remove.
pub async fn prune(arguments: &BackupPruneArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let keep = Keep { newest: arguments.keep, plan: arguments.plan.as_deref(), dry_run: arguments.dry_run };
    let Pruned { surplus, pinned } = backup::prune(&database, &arguments.running.options(), &keep, console).await?;
    let word = if arguments.dry_run { "would be removed" } else { "removed" };
    let freed = bytes_of(&surplus);
    let mut text: String = surplus
        .iter()
        .map(|b| format!("{word}: {} of {}, {}\n", b.stored.id, b.stored.plan, report::bytes(b.stored.bytes)))
        .collect();
    text += &match surplus.len() {
        0 => "nothing to remove\n".to_owned(),
        some => format!("{some} backups {word}, {}\n", report::bytes(freed)),
    };
    for backup in &pinned {
        text += &format!("kept: {} of {}, a run that has not ended may need it\n", backup.stored.id, backup.stored.plan);
    }
    let pinned = pinned.into_iter().map(|backup| backup.stored.id).collect();
    let pruned = answer::PrunedAnswer { backups: records(&surplus), bytes: freed, pinned };
    console.answer(&text, &if arguments.dry_run { Answer::WouldRemove(pruned) } else { Answer::Removed(pruned) })?;
    Ok(Exit::Done)
}
