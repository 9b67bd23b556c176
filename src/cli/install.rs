//! `backstop install`

use super::{
    answer::{Answer, InstalledAnswer},
    arguments::OnePlanArgs,
    console::Console,
    exit::Exit,
};
use crate::operations::{self, DatabaseAccess, OperationProblem, install, read_resolved};

/// Registers a plan for psql, and installs the functions in the schema of its backups.
pub async fn run(arguments: &OnePlanArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.database.configuration();
    let resolved = read_resolved(&configuration, &arguments.plan, &arguments.values.given())?;
    let database = DatabaseAccess::open(&configuration, &arguments.database.target(), console).await?;
    let operations::Installed { schema, tables } =
        install(&database, &arguments.running.options(), &resolved, console).await?;
    let plan = resolved.plan();
    let text =
        format!("plan {} is registered with {tables} tables; in psql: SELECT {schema}.create_table_backups();", plan.name);
    let installed = InstalledAnswer { plan: plan.name.to_string(), schema: plan.backup.schema.shown().to_owned(), tables };
    console.answer(&text, &Answer::Installed(installed))?;
    Ok(Exit::Done)
}
