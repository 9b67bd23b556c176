//! Commands that are given plans.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::given::{Place, Running, Values};

/// Run plans.
#[derive(Debug, Args)]
pub struct Apply {
    /// Plan files and folders with plans; several are run in the order of their `requires`, else by path. Without any the
    /// repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Run this one of the plans; can be given several times. What they require must be applied or among them.
    #[arg(long, value_name = "NAME", conflicts_with = "until")]
    pub only: Vec<String>,
    /// Run the plans up to this one.
    #[arg(long, value_name = "NAME")]
    pub until: Option<String>,
    /// Go on with a run of these plans that was interrupted, or whose runner died, before anything else. Without this, and for a run
    /// that waits for a decision, it ends with exit code 6.
    #[arg(long)]
    pub resume: bool,
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

/// Go on with a run.
#[derive(Debug, Args)]
pub struct Resume {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Go on with a plan that was changed in what has not run yet; the journal keeps both.
    #[arg(long)]
    pub amend: bool,
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
