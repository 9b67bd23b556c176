//! What reports are written as: each command that makes one knows its own forms, and `--format` says which it is where nothing else does.

use clap::{Args, ValueEnum};

use super::format::OutputFormat;

/// What a command's report is written as.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReportArgs<F: ValueEnum + Send + Sync + 'static> {
    /// What the report is written as; without it as `--format` says.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub report: Option<F>,
}

impl<F: ValueEnum + From<OutputFormat> + Send + Sync + 'static> ReportArgs<F> {
    /// The form that was asked for, or else the one that the program's format is.
    pub fn or(&self, format: OutputFormat) -> F {
        self.report.clone().unwrap_or_else(|| format.into())
    }
}

/// What findings are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingsForm {
    /// For people, with excerpts of the files.
    Text,
    /// One JSON value.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for the test report of a pipeline.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

impl From<OutputFormat> for FindingsForm {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}

/// What answers of checks are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChecksForm {
    /// For people.
    Text,
    /// One JSON value.
    Json,
    /// JUnit's XML, for the test report of a pipeline.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

impl From<OutputFormat> for ChecksForm {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}

/// What is written for whoever reviews a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewForm {
    /// For people.
    Text,
    /// One JSON value.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

impl From<OutputFormat> for ReviewForm {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}
