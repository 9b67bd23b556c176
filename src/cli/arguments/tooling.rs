//! Commands about the program itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// See both ends of a run on a throwaway server.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many profiles the example database gets.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub profiles: u32,
    /// Folder that holds `postgres` and `initdb`.
    #[arg(long, value_name = "DIR", env = "BACKSTOP_PG_BIN")]
    pub pg_bin: Option<PathBuf>,
}

/// Print a completion script.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For this shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Print the manual page.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write one page for each command into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
}

/// What a JSON Schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Plan files.
    Plan,
    /// A repository's file, `backstop.toml`.
    Repository,
    /// What `lint --report json` prints.
    Lint,
    /// Saved plans.
    SavedPlan,
    /// What `diff` prints as JSON.
    Diff,
    /// What `plan` prints as JSON.
    DryRun,
    /// The lines that `apply`, `resume`, `restore`, `show` and all that drive a run print under `--format json`.
    Events,
    /// What all other commands print under `--format json`, each with its `kind`.
    Answers,
}

/// Print a JSON Schema.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of these files, or of this output.
    #[arg(long, value_enum, default_value_t = SchemaOf::Plan)]
    pub of: SchemaOf,
}
