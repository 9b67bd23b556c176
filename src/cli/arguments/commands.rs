//! The program, and all its commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{
    backups::{BackupArgs, RestoreArgs},
    diff::DiffArgs,
    format::OutputFormat,
    plan_files::{FmtArgs, InitArgs, NewArgs},
    plans::{ApplyArgs, CheckArgs, LintArgs, RenderArgs, ResumeArgs},
    runs::{AcceptArgs, ContinueArgs, HistoryArgs, PauseArgs, SettleArgs, ShowArgs, StatusArgs},
    saved::{ApproveArgs, PlanArgs},
    shared::OnePlanArgs,
    tooling::{CompletionsArgs, DemoArgs, ManArgs, SchemaArgs},
};

const AFTER_HELP: &str = "\
Exit codes:
  0   done, or nothing to do
  1   unexpected failure
  2   wrong usage
  3   the plan is not valid, or breaks a rule
  4   aborted before any step: nothing changed
  5   failed and restored: the database is as it was, verified
  6   held: a decision is needed
  7   stuck: the restore failed, call a person
  8   busy: another run holds the lock
  9   plans that are required are not applied
  10  failed and restored with all rows, but for differences that are named";

/// Change production PostgreSQL databases without fear.
///
/// A plan is run as a state machine with checkpoints: lock, before-checks, backup, steps, after-checks. When a step or a
/// check fails, the database is brought back by itself, structure and data, and proven to be as it was.
#[derive(Debug, Parser)]
#[command(name = "backstop", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: CommandArgs,
    /// Output for people, or for programs: JSON lines on standard output, events or one value for what was asked.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Environment of the repository's file (backstop.toml) that says where the database is and which values plans have there.
    #[arg(short, long, global = true, value_name = "NAME", env = "BACKSTOP_ENVIRONMENT")]
    pub environment: Option<String>,
    /// The repository's file. Without it backstop.toml is looked for from the working directory up to the git repository's root.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    pub config: Option<PathBuf>,
    /// Write how the runs of this command went into this file, as metrics for Prometheus or node_exporter's textfile collector.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_METRICS_FILE")]
    pub metrics_file: Option<PathBuf>,
    /// Write the phases, steps and checks of the runs of this command into this file, as JUnit's XML for a pipeline's test report.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_JUNIT")]
    pub junit: Option<PathBuf>,
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
pub enum CommandArgs {
    /// Run plans: lock, checks, backup, steps, checks; restored by itself when something fails.
    Apply(ApplyArgs),
    /// Say what `apply` would do now, in a session that can't write; save it for approval.
    Plan(PlanArgs),
    /// Approve a saved plan with your key, or see who did.
    Approve(ApproveArgs),
    /// Print plans as they would run: every template rendered, secrets redacted.
    Render(RenderArgs),
    /// Say what is dangerous in plans: locks, loss, what fails half-way, what is open to whom. Nothing is connected to.
    Lint(LintArgs),
    /// Run one phase of plans' checks, and change nothing.
    Check(CheckArgs),
    /// Say what is going on: the lock, unfinished runs, applied plans.
    Status(StatusArgs),
    /// List the runs.
    History(HistoryArgs),
    /// Show a run: every event, with its checks, changes and timings.
    Show(ShowArgs),
    /// Go on with a run that was held, interrupted or killed.
    Resume(ResumeArgs),
    /// Let a run wait before the next batch of a step.
    Pause(PauseArgs),
    /// Let a paused run go on.
    Continue(ContinueArgs),
    /// Say what became of a step of which nobody knows whether it was applied.
    Settle(SettleArgs),
    /// Bring the database back to where a run began, or to a backup, and prove it.
    Restore(RestoreArgs),
    /// End a held run and keep the database as it stands.
    Accept(AcceptArgs),
    /// Take, list, verify and prune backups.
    Backup(BackupArgs),
    /// Make a plan's checks, backups and the way back callable with psql, in the schema of its backups.
    Install(OnePlanArgs),
    /// Say what changed between two versions of plans, and which safety got weaker; or in the database since a backup.
    Diff(DiffArgs),
    /// Make a repository of plans: backstop.toml, folders, schemas for editors. Nothing is written over.
    Init(InitArgs),
    /// Write a plan to begin with.
    New(NewArgs),
    /// Put the fields of plans in order; comments and texts stay as they are.
    Fmt(FmtArgs),
    /// See a migration succeed, and another one fail and be restored, on a throwaway server.
    Demo(DemoArgs),
    /// Print the JSON Schema of plan files, or of a repository's file.
    Schema(SchemaArgs),
    /// Print a completion script.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command.
    Man(ManArgs),
}
