//! `backstop check`

use super::{
    arguments::{Check, Phase},
    console::Console,
    exit::Exit,
    journals::unreadable,
    place::Database,
    problem::Problem,
    reading::{read_plan, resolve},
};
use crate::{
    machine::{CheckPhase, ChecksEvaluated},
    postgres::check,
    report,
};

/// Evaluates one phase of a plan's checks in a read-only transaction.
pub async fn run(arguments: &Check, console: &Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let phase = match arguments.phase {
        Phase::Before => CheckPhase::Before,
        Phase::After => CheckPhase::After,
    };
    let results = check::phase(&connection.client, resolved.plan(), phase).await.map_err(unreadable)?;
    let evaluated = ChecksEvaluated { results };
    let blocking = evaluated.blocking();
    let exit = if blocking.is_empty() { Exit::Done } else { Exit::Aborted };
    let text = match evaluated.results.as_slice() {
        [] => "the plan has no such checks".to_owned(),
        results => report::checks(results, console.style()),
    };
    let value = serde_json::json!({
        "kind": "checks", "results": evaluated.results, "blocking": blocking, "exit_code": exit.code(),
    });
    console.answer(&text, &value)?;
    Ok(exit)
}
