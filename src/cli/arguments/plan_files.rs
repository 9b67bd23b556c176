//! Commands that write files for people.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::operations::{Chosen, scaffold::PlanTemplate};

/// What a new plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanTemplateArg {
    /// Little: every part of a plan, to be filled.
    Empty,
    /// Add a column without a rewrite.
    AddColumn,
    /// Change many rows in batches.
    Backfill,
    /// Build an index while everybody goes on.
    Index,
    /// Change a column's type.
    Retype,
    /// Enable row-level security with a policy.
    Rls,
}

impl From<PlanTemplateArg> for PlanTemplate {
    fn from(kind: PlanTemplateArg) -> Self {
        match kind {
            PlanTemplateArg::Empty => PlanTemplate::Empty,
            PlanTemplateArg::AddColumn => PlanTemplate::AddColumn,
            PlanTemplateArg::Backfill => PlanTemplate::Backfill,
            PlanTemplateArg::Index => PlanTemplate::Index,
            PlanTemplateArg::Retype => PlanTemplate::Retype,
            PlanTemplateArg::Rls => PlanTemplate::Rls,
        }
    }
}

/// Write a plan to begin with.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The plan's name, and its file's.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it does.
    #[arg(long, value_enum, default_value_t = PlanTemplateArg::Empty)]
    pub kind: PlanTemplateArg,
    /// Folder for the file; without it the first folder of the repository's plans, else the working directory.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    #[command(flatten)]
    pub chosen: Chosen,
}

/// Make a repository of plans.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Its folder.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// Put the fields of plans in order.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Plan files and folders with plans. Without any the repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Write nothing, and end with exit code 3 where a plan is not in order.
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub chosen: Chosen,
}
