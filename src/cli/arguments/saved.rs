//! Commands about what plans would do, and about saved plans.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{
    report_form::{ReportArgs, ReviewForm},
    shared::{DatabaseArgs, SelectionArgs, VariableArgs, duration},
};
use crate::operations::Chosen;

/// Say what `apply` would do.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Plan files and folders with plans. Without any the repository's.
    #[arg(value_name = "PLAN")]
    pub plans: Vec<PathBuf>,
    /// Save it into this file, bound to all that it was made of, for `backstop approve` and `backstop apply`.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long the saved plan may be applied; for ever where it is not given.
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "out")]
    pub expires: Option<Duration>,
    /// Say what changed of the structure since this saved plan was made, in place of what others changed since the newest backup.
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
    /// End with exit code 9 where something is to be applied.
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub part: SelectionArgs,
    #[command(flatten)]
    pub reported: ReportArgs<ReviewForm>,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Approve a saved plan.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The saved plan. Without a key it is shown, and who approved it.
    #[arg(value_name = "FILE", required_unless_present = "new_key")]
    pub file: Option<PathBuf>,
    /// Your private key: ed25519 in PKCS #8, as PEM.
    #[arg(long, value_name = "KEYFILE")]
    pub key: Option<PathBuf>,
    /// Your name; without it as backstop.toml calls your key.
    #[arg(long = "as", value_name = "NAME", requires = "key")]
    pub name: Option<String>,
    /// Make a new private key in this file, and print the public one for backstop.toml.
    #[arg(long, value_name = "KEYFILE", conflicts_with_all = ["file", "key"])]
    pub new_key: Option<PathBuf>,
    /// The repository, whose file names the keys.
    #[command(flatten)]
    pub chosen: Chosen,
}
