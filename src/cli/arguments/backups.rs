//! Commands about backups, and the way back.

use clap::{Args, Subcommand};

use super::shared::{DatabaseArgs, OnePlanArgs, RunningArgs};

/// Bring the database back.
#[derive(Debug, Args)]
pub struct RestoreArgs {
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
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Take, list, verify and prune backups.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BackupCommand,
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Take a backup of a plan's targets.
    Create(OnePlanArgs),
    /// List the backups.
    List(BackupListArgs),
    /// Prove that a backup's copies are what was copied, and that it can be restored: a trial, beside the live tables.
    Verify(BackupVerifyArgs),
    /// Remove all but the newest backups of each plan.
    Prune(BackupPruneArgs),
}

/// List the backups.
#[derive(Debug, Args)]
pub struct BackupListArgs {
    /// Only backups of this plan.
    #[arg(long, value_name = "NAME")]
    pub plan: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Prove a backup.
#[derive(Debug, Args)]
pub struct BackupVerifyArgs {
    /// The backup; the newest where none is given.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Only digest the copies; try no restore.
    #[arg(long)]
    pub quick: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Remove old backups.
#[derive(Debug, Args)]
pub struct BackupPruneArgs {
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
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}
