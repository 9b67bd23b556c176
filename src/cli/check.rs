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
    machine::{CheckPhase, CheckResult, ChecksEvaluated, Failure},
    plan::{self, Plan, Rendered},
    postgres::{
        self, check,
        session::{Lifetime, Settings},
    },
    report,
};

/// Evaluates one phase of a plan's checks in a read-only transaction.
pub async fn run(arguments: &Check, console: &Console) -> Result<Exit, Problem> {
    let loaded = read_plan(&arguments.plan)?;
    let resolved = resolve(&loaded, &arguments.plan, &arguments.values)?;
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let results = evaluate(&connection.client, resolved.plan(), arguments.phase).await.map_err(unreadable)?;
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

async fn evaluate(
    client: &tokio_postgres::Client,
    plan: &Plan<Rendered>,
    phase: Phase,
) -> Result<Vec<CheckResult>, Failure> {
    let failed = |error| postgres::failure("backstop::check::not_evaluated", &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(failed)?;
    Settings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Transaction).await?;
    let mut results = match phase {
        Phase::Before => check::evaluate(client, &all(&plan.checks.before), CheckPhase::Before).await?,
        Phase::After => check::evaluate(client, &all(&plan.checks.after), CheckPhase::After).await?,
    };
    results.extend(check::evaluate(client, &all(&plan.checks.unchanged), CheckPhase::Unchanged).await?);
    client.batch_execute("ROLLBACK").await.map_err(failed)?;
    Ok(results)
}

fn all(checks: &[plan::Check<Rendered>]) -> Vec<&plan::Check<Rendered>> {
    checks.iter().collect()
}
