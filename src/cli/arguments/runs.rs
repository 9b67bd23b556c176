//! Commands about runs.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::shared::{DatabaseArgs, RunningArgs, VariableArgs, duration};
use crate::machine::Settlement;

/// Say what is going on.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Plan files, folders with plans, or names of plans: say how these stand.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<String>,
    /// End with exit code 9 unless all of them are applied with this content (named ones with any). Without plans the
    /// repository's are meant.
    #[arg(long)]
    pub require: bool,
    /// How long to wait for them to be applied, also for a database that can't be reached yet.
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "require")]
    pub wait: Option<Duration>,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// List the runs.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Only runs of this plan.
    #[arg(long, value_name = "NAME")]
    pub plan: Option<String>,
    /// The newest so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub last: u32,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Show a run.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The run's id, or its first characters; the newest run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Let a run wait before the next batch of a step.
#[derive(Debug, Args)]
pub struct PauseArgs {
    /// The run: its id or its first characters; the unfinished run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Why; whoever looks at the run is told.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Let a paused run go on.
#[derive(Debug, Args)]
pub struct ContinueArgs {
    /// The run: its id or its first characters; the unfinished run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StepOutcomeArg {
    /// Its effect is there.
    Applied,
    /// Nothing of it is there.
    NotApplied,
}

impl From<StepOutcomeArg> for Settlement {
    fn from(outcome: StepOutcomeArg) -> Self {
        match outcome {
            StepOutcomeArg::Applied => Settlement::Applied,
            StepOutcomeArg::NotApplied => Settlement::NotApplied,
        }
    }
}

/// Say what became of a step.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The run: its id or its first characters.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The step that the run is held for.
    #[arg(value_name = "STEP")]
    pub step: String,
    /// What became of it; without this the evidence is shown and nothing is recorded.
    #[arg(long = "as", value_enum, value_name = "OUTCOME", requires = "reason")]
    pub outcome: Option<StepOutcomeArg>,
    /// Why you believe so; the journal keeps it, with the evidence.
    #[arg(long, value_name = "TEXT", requires = "outcome")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// End a held run and keep the database as it stands.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The run: its id or its first characters; the held run where none is given.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Why; the journal keeps it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}
