//! `backstop install`

use super::{
    answer::{Answer, Installed},
    arguments::OnePlan,
    console::Console,
    exit::Exit,
    journals::unreadable,
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
    running::Lock,
};
use crate::{
    postgres::{preflight, surface},
    sql::quote::ident,
};

/// Registers a plan for psql, and installs the functions in the schema of its backups.
pub async fn run(arguments: &OnePlan, console: &Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let database = Database::open(&arguments.place).await?;
    let lock = Lock::take(&database, &arguments.running, console).await?;
    let plan = resolved.plan();
    preflight::refuse_unmappable(lock.client(), plan.name.as_str(), resolved.shown()).await.map_err(unreadable)?;
    let tables = preflight::targets(lock.client(), plan).await.map_err(|found| Problem::failures(Exit::Aborted, found))?;
    surface::register(lock.client(), plan, &tables).await.map_err(unreadable)?;
    lock.release().await;
    let schema = plan.backup.schema.sent();
    let text = format!(
        "plan {} is registered with {} tables; in psql: SELECT {}.create_table_backups();",
        plan.name,
        tables.len(),
        ident(schema)
    );
    let installed =
        Installed { plan: plan.name.to_string(), schema: plan.backup.schema.shown().to_owned(), tables: tables.len() };
    console.answer(&text, &Answer::Installed(installed))?;
    Ok(Exit::Done)
}
