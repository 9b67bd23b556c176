//! The command that says what changed.

use std::path::PathBuf;

use clap::Args;

use super::{
    report_form::{ReportArgs, ReviewForm},
    shared::{DatabaseArgs, VariableArgs},
};

const USAGE: &str = "backstop diff [OPTIONS] OLD NEW
       backstop diff [OPTIONS] --git BASE..HEAD [PATH]...
       backstop diff [OPTIONS] --backup ID";

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing changed, or no safety got weaker
  1  something changed (with --exit-code)
  3  safety got weaker (without --allow-weaker), lint finds anew what fails it, or the new version of a plan is not valid";

/// Say what changed.
#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = AFTER_HELP)]
pub struct DiffArgs {
    /// Two versions of a plan file; with --git the plans that are looked at, files or folders.
    #[arg(value_name = "OLD NEW", conflicts_with = "backup")]
    pub paths: Vec<PathBuf>,
    /// Plans between two commits: BASE..HEAD, BASE...HEAD (since they parted), or BASE alone for the working tree. Nothing is
    /// checked out.
    #[arg(long, value_name = "BASE..HEAD", conflicts_with = "backup")]
    pub git: Option<String>,
    /// What changed in the database since this backup.
    #[arg(long, value_name = "ID", conflicts_with_all = ["values", "vars", "report", "allow_weaker", "side_by_side"])]
    pub backup: Option<String>,
    /// Don't end with exit code 3 where safety got weaker.
    #[arg(long)]
    pub allow_weaker: bool,
    /// Show SQL that changed in two columns, the old text and the new one, as wide as the terminal (or COLUMNS).
    #[arg(long)]
    pub side_by_side: bool,
    /// End with exit code 1 where anything differs.
    #[arg(long)]
    pub exit_code: bool,
    /// A commit whose backstop.toml says what may be read outside of the repository (`read_outside`). With --git it is BASE.
    #[arg(long, value_name = "COMMIT", env = "BACKSTOP_BASE")]
    pub base: Option<String>,
    #[command(flatten)]
    pub reported: ReportArgs<ReviewForm>,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}
