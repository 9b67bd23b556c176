//! What the program understands on its command line. Man pages and completions are made from this.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Exit codes:
  0  done, or nothing to do
  1  unexpected failure
  2  wrong usage
  3  the plan is not valid, or breaks a rule
  4  aborted before any step: nothing changed
  5  failed and restored: the database is as it was, verified
  6  held: a decision is needed
  7  stuck: the restore failed, call a person
  8  busy: another run holds the lock";

/// Change production PostgreSQL databases without fear.
///
/// A plan is run as a state machine with checkpoints: lock, before-checks, backup, steps, after-checks. When a step or a
/// check fails, the database is brought back by itself, structure and data, and proven to be as it was.
#[derive(Debug, Parser)]
#[command(name = "backstop", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Output for people, or events as JSON lines on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

/// Output for people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// JSON lines.
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run plans: lock, checks, backup, steps, checks; restored by itself when something fails.
    Apply(Apply),
    /// Print a plan as it would run: every template rendered, secrets redacted.
    Render(Render),
    /// Run one phase of a plan's checks, and change nothing.
    Check(Check),
    /// Say what is going on: the lock, unfinished runs, applied plans.
    Status(Status),
    /// List the runs.
    History(History),
    /// Show a run: every event, with its checks, changes and timings.
    Show(Show),
    /// Go on with a run that was held, interrupted or killed.
    Resume(OnePlan),
    /// Bring the database back to where a run began, or to a backup, and prove it.
    Restore(Restore),
    /// End a held run and keep the database as it stands.
    Accept(Accept),
    /// Take, list, verify and prune backups.
    Backup(Backup),
    /// Make a plan's checks, backups and the way back callable with psql, in the schema of its backups.
    Install(OnePlan),
    /// Say what changed since a backup: structure in words, rows by table.
    Diff(Diff),
    /// See a migration succeed, and another one fail and be restored, on a throwaway server.
    Demo(Demo),
    /// Print the JSON Schema of plan files.
    Schema,
    /// Print a completion script.
    Completions(Completions),
    /// Print the manual page, or write one for each command.
    Man(Man),
}

/// Where the database is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct Place {
    /// URL or key=value string, as libpq understands it. Without it libpq's own variables, service file and password file count.
    #[arg(short, long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Use a throwaway PostgreSQL server, started for this command and removed after it.
    #[arg(long, conflicts_with = "database_url")]
    pub sandbox: bool,
    /// SQL that the throwaway server runs first; can be given several times.
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    pub sandbox_sql: Vec<PathBuf>,
    /// Folder that holds `postgres` and `initdb` for the throwaway server.
    #[arg(long, value_name = "DIR", env = "BACKSTOP_PG_BIN")]
    pub pg_bin: Option<PathBuf>,
}

/// Values of the plan's variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Variables")]
pub struct Values {
    /// File with values, YAML or TOML; later files win.
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
    /// One value; wins over files and over BACKSTOP_VAR_NAME.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
}

/// How a run behaves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Run")]
pub struct Running {
    /// How long to wait for another run to end.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub lock_wait: Duration,
    /// How long a lost connection is tried again, through a server's restart or failover, before the run is left for `resume`.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub wait: Duration,
    /// End sessions that keep the run waiting for a lock so long; each one is recorded. Left alone where it is not given. The
    /// role needs pg_signal_backend and pg_read_all_stats.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub terminate_blockers_after: Option<Duration>,
    /// How long after SIGINT or SIGTERM the run may take to roll back and to write down where it stands; then it stops at once.
    /// Give it less than Kubernetes' terminationGracePeriodSeconds, 25s for 30.
    #[arg(long, value_name = "TIME", value_parser = duration, env = "BACKSTOP_GRACE")]
    pub grace: Option<Duration>,
    /// How many tables are copied side by side.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: u8,
}

/// Run plans.
#[derive(Debug, Args)]
pub struct Apply {
    /// Plan files; several are run in the order of their `requires`.
    #[arg(required = true, value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub values: Values,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub running: Running,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// Print a plan as it would run.
#[derive(Debug, Args)]
pub struct Render {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub values: Values,
}

/// A phase of a plan's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Phase {
    /// What must hold before the backup.
    Before,
    /// What must hold after the last step.
    After,
}

/// Run one phase of a plan's checks.
#[derive(Debug, Args)]
pub struct Check {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Which checks.
    #[arg(long, value_enum, default_value_t = Phase::Before)]
    pub phase: Phase,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub values: Values,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// Say what is going on.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// List the runs.
#[derive(Debug, Args)]
pub struct History {
    /// Only runs of this plan.
    #[arg(long, value_name = "NAME")]
    pub plan: Option<String>,
    /// The newest so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub last: u32,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// Show a run.
#[derive(Debug, Args)]
pub struct Show {
    /// The run's id, or its first characters; the newest run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// One plan and where it runs.
#[derive(Debug, Args)]
pub struct OnePlan {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub values: Values,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub running: Running,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

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
    #[allow(missing_docs)]
    pub running: Running,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// End a held run and keep the database as it stands.
#[derive(Debug, Args)]
pub struct Accept {
    /// The run: its id or its first characters; the held run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Why; the journal keeps it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub running: Running,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
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
    List(Status),
    /// Prove that a backup's copies are what was copied, and that it can be restored: a trial, beside the live tables.
    Verify(BackupVerify),
    /// Remove all but the newest backups of each plan.
    Prune(BackupPrune),
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
    #[allow(missing_docs)]
    pub place: Place,
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
    #[allow(missing_docs)]
    pub running: Running,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// Say what changed.
#[derive(Debug, Args)]
pub struct Diff {
    /// Since this backup.
    #[arg(long, value_name = "ID", required = true)]
    pub backup: String,
    /// End with exit code 1 where anything differs.
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub place: Place,
}

/// See both ends of a run on a throwaway server.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many profiles the example database gets.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub profiles: u32,
    /// Folder that holds `postgres` and `initdb`.
    #[arg(long, value_name = "DIR", env = "BACKSTOP_PG_BIN")]
    pub pg_bin: Option<PathBuf>,
}

/// Print a completion script.
#[derive(Debug, Args)]
pub struct Completions {
    /// For this shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Print the manual page.
#[derive(Debug, Args)]
pub struct Man {
    /// Write one page for each command into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
}

/// Reads `500ms`, `5s`, `30min`, `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    crate::load::duration(text).map_err(|why| format!("{why}, for instance 500ms, 10s, 5min"))
}
