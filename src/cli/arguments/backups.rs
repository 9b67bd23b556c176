//! Commands about backups, and the way back.

use clap::{Args, Subcommand};

use super::shared::{DatabaseArguments, OnePlan, Running};

/// Bring the database back.
#[derive(Debug, Args)]
pub struct Restore {
    /// The run to take back: its id or its first characters; the unfinished run where neither it nor a backup is given.
    #[arg(value_name = "RUN", conflicts_with = "backup")]
    pub run: Option<String>,
    /// The backup to bring back, whatever came after it.
    #[arg(long, value_name = "ID")]
    pub backup: Option<String>,
    /// Only this table of it, as schema.table, with what depends on it; can be given several times.
    #[arg(long = "table", value_name = "TABLE")]
    pub tables: Vec<String>,
    /// Print what it would change, and the statements, and change nothing.
    #[arg(long, conflicts_with = "into")]
    pub dry_run: bool,
    /// Bring the backup's state into this database of the same server, which is new or empty, and leave the live one alone.
    #[arg(long, value_name = "DATABASE")]
    pub into: Option<String>,
    /// Overwrite what others were noted to have written since the backup (`writers: detect`).
    #[arg(long)]
    pub overwrite_later_writes: bool,
    /// Don't ask.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub running: Running,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Take, list, verify and prune backups.
#[derive(Debug, Args)]
pub struct Backup {
    /// What to do.
    #[command(subcommand)]
    pub command: BackupCommand,
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Take a backup of a plan's targets.
    Create(OnePlan),
    /// List the backups.
    List(BackupList),
    /// Prove that a backup's copies are what was copied, and that it can be restored: a trial, beside the live tables.
    Verify(BackupVerify),
    /// Remove all but the newest backups of each plan.
    Prune(BackupPrune),
}

/// List the backups.
#[derive(Debug, Args)]
pub struct BackupList {
    /// Only backups of this plan.
    #[arg(long, value_name = "NAME")]
    pub plan: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Prove a backup.
#[derive(Debug, Args)]
pub struct BackupVerify {
    /// The backup; the newest where none is given.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Only digest the copies; try no restore.
    #[arg(long)]
    pub quick: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Remove old backups.
#[derive(Debug, Args)]
pub struct BackupPrune {
    /// How many of each plan to keep.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
    /// Only backups of this plan.
    #[arg(long, value_name = "NAME")]
    pub plan: Option<String>,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub running: Running,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
