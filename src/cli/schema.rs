//! `backstop schema`

use super::{
    arguments::{SchemaArgs, SchemaOf},
    exit::Exit,
    stdio::print,
};
use crate::operations::OperationProblem;

/// Prints a JSON Schema.
pub fn run(arguments: &SchemaArgs) -> Result<Exit, OperationProblem> {
    let schema = match arguments.of {
        SchemaOf::Plan => crate::load::schema(),
        SchemaOf::Repository => crate::load::repository_schema(),
        SchemaOf::Lint => crate::report::lint::schema(),
        SchemaOf::SavedPlan => crate::saved::schema(),
        SchemaOf::Diff => crate::report::review_schema(),
        SchemaOf::DryRun => crate::report::dry_run::schema(),
        SchemaOf::Events => super::answer::events(),
        SchemaOf::Answers => super::answer::answers(),
    };
    print(&serde_json::to_string_pretty(&schema).map_err(|error| OperationProblem::unexpected(error.to_string()))?)?;
    Ok(Exit::Done)
}
