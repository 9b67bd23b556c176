//! The program, and all its commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{
    backups::{Backup, Restore},
    diff::Diff,
    format::Format,
    plan_files::{Fmt, Init, New},
    plans::{Apply, Check, Lint, Render, Resume},
    runs::{Accept, Continue, History, Pause, Settle, Show, Status},
    saved::{Approve, Plan},
    shared::OnePlan,
    tooling::{Completions, Demo, Man, Schema},
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
    pub command: Command,
    /// Output for people, or for programs: JSON lines on standard output, events or one value for what was asked.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
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
pub enum Command {
    /// Run plans: lock, checks, backup, steps, checks; restored by itself when something fails.
    Apply(Apply),
    /// Say what `apply` would do now, in a session that can't write; save it for approval.
    Plan(Plan),
    /// Approve a saved plan with your key, or see who did.
    Approve(Approve),
    /// Print plans as they would run: every template rendered, secrets redacted.
    Render(Render),
    /// Say what is dangerous in plans: locks, loss, what fails half-way, what is open to whom. Nothing is connected to.
    Lint(Lint),
    /// Run one phase of plans' checks, and change nothing.
    Check(Check),
    /// Say what is going on: the lock, unfinished runs, applied plans.
    Status(Status),
    /// List the runs.
    History(History),
    /// Show a run: every event, with its checks, changes and timings.
    Show(Show),
    /// Go on with a run that was held, interrupted or killed.
    Resume(Resume),
    /// Let a run wait before the next batch of a step.
    Pause(Pause),
    /// Let a paused run go on.
    Continue(Continue),
    /// Say what became of a step of which nobody knows whether it was applied.
    Settle(Settle),
    /// Bring the database back to where a run began, or to a backup, and prove it.
    Restore(Restore),
    /// End a held run and keep the database as it stands.
    Accept(Accept),
    /// Take, list, verify and prune backups.
    Backup(Backup),
    /// Make a plan's checks, backups and the way back callable with psql, in the schema of its backups.
    Install(OnePlan),
    /// Say what changed between two versions of plans, and which safety got weaker; or in the database since a backup.
    Diff(Diff),
    /// Make a repository of plans: backstop.toml, folders, schemas for editors. Nothing is written over.
    Init(Init),
    /// Write a plan to begin with.
    New(New),
    /// Put the fields of plans in order; comments and texts stay as they are.
    Fmt(Fmt),
    /// See a migration succeed, and another one fail and be restored, on a throwaway server.
    Demo(Demo),
    /// Print the JSON Schema of plan files, or of a repository's file.
    Schema(Schema),
    /// Print a completion script.
    Completions(Completions),
    /// Print the manual page, or write one for each command.
    Man(Man),
}
