//! Commands that are given plans.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    report_form::{ChecksForm, FindingsForm, ReportArgs},
    shared::{DatabaseArgs, RunningArgs, SelectionArgs, VariableArgs},
};

/// Run plans.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Plan files and folders with plans; several are run in the order of their `requires`, else by path. Without any the
    /// repository's. Or one saved plan of `backstop plan -o`.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    #[command(flatten)]
    pub part: SelectionArgs,
    /// Go on with a run of these plans that was interrupted, or whose runner died, before anything else. Without this, and for a run
    /// that waits for a decision, it ends with exit code 6.
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Print plans as they would run.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Plan files and folders with plans; several are printed in the order in which they would run. Without any the repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Print one plan file as it is written, in one form without comments and layout: templates stay templates, no value and no other
    /// file is needed, and what is no valid plan is printed as it stands. For git: `diff.backstop.textconv`.
    #[arg(long, conflicts_with_all = ["values", "vars"])]
    pub normal: bool,
    /// A commit whose backstop.toml says what may be read outside of the repository (`read_outside`): in a pull request its base. Without
    /// one nothing may.
    #[arg(long, value_name = "COMMIT", env = "BACKSTOP_BASE")]
    pub base: Option<String>,
    #[command(flatten)]
    pub values: VariableArgs,
}

/// Say what is dangerous in plans.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Plan files and folders with plans. Without any the repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// The least level at which a finding fails the command; without it as the repository's file says, or `error`.
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub fail_on: Option<FailLevel>,
    /// Explain a rule, with examples.
    #[arg(long, value_name = "RULE", conflicts_with = "plans")]
    pub explain: Option<String>,
    /// List all rules; with `--report markdown` their manual.
    #[arg(long, conflicts_with_all = ["plans", "explain"])]
    pub rules: bool,
    /// A commit whose backstop.toml says what may be read outside of the repository (`read_outside`): in a pull request its base. Without
    /// one nothing may.
    #[arg(long, value_name = "COMMIT", env = "BACKSTOP_BASE")]
    pub base: Option<String>,
    #[command(flatten)]
    pub reported: ReportArgs<FindingsForm>,
    #[command(flatten)]
    pub values: VariableArgs,
}

/// A level at which findings fail a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailLevel {
    /// Every finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

impl From<FailLevel> for crate::plan::FailOn {
    fn from(level: FailLevel) -> Self {
        match level {
            FailLevel::Note => Self::Note,
            FailLevel::Warning => Self::Warning,
            FailLevel::Error => Self::Error,
        }
    }
}

/// A phase of a plan's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PhaseArg {
    /// What must hold before the backup.
    Before,
    /// What must hold after the last step.
    After,
}

/// Run one phase of plans' checks.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Plan files and folders with plans, applied or not. Without any the repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Which checks.
    #[arg(long, value_enum, default_value_t = PhaseArg::Before)]
    pub phase: PhaseArg,
    #[command(flatten)]
    pub part: SelectionArgs,
    #[command(flatten)]
    pub reported: ReportArgs<ChecksForm>,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Go on with a run.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Go on with a plan that was changed in what has not run yet; the journal keeps both.
    #[arg(long)]
    pub amend: bool,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}
