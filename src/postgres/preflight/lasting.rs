//! What no restore takes back, and no look at the database after a step would show: it is read in the plan.

use std::collections::BTreeSet;

use tokio_postgres::{Client, types::Oid};

use crate::{
    machine::Failure,
    plan::{Plan, Rendered, StepId},
    postgres::{coverage::system_tables_written, relation::Relations},
    sql::facts::{self, OperationKind, When},
};

/// What steps, and what takes them back, do for good.
pub(super) async fn failures(
    client: &Client,
    plan: &Plan<Rendered>,
    relations: &Relations,
) -> Result<Vec<Failure>, Failure> {
    let allowed = plan.backup.allow_uncovered.iter().filter_map(|name| relations.find(name.sent()).ok()).flatten();
    let allowed: BTreeSet<Oid> = allowed.map(|table| table.oid).collect();
    let forward = plan.steps.iter().map(|step| (&step.id, step.sql.sent()));
    let back = plan.steps.iter().filter_map(|step| Some((&step.id, step.undo.as_ref()?.sent())));
    let mut failures = Vec::new();
    for (step, text) in forward.chain(back) {
        failures.extend(reconnected(text).into_iter().map(|subscription| connection_lost(step, &subscription)));
        let written = system_tables_written(client, text).await?;
        let uncovered = written.into_iter().filter(|table| !allowed.contains(&table.oid));
        failures.extend(uncovered.map(|table| uncovered_write(step, &table.title)));
    }
    Ok(failures)
}

/// The subscriptions that connect otherwise after it: how they did, only superusers may read. What can't be split is refused elsewhere.
fn reconnected(text: &str) -> Vec<String> {
    let statements = facts::read(&[text]).into_iter().flat_map(Result::unwrap_or_default);
    let operations = statements.flat_map(|statement| statement.operations).filter(|one| one.when != When::InRoutine);
    let subscriptions = operations.filter_map(|one| match one.action {
        OperationKind::ReconnectSubscription { subscription } => Some(subscription),
        _ => None,
    });
    subscriptions.collect()
}

fn connection_lost(step: &StepId, subscription: &str) -> Failure {
    let message = format!(
        "step {step}: another CONNECTION for subscription {subscription} can't be taken back by a restore: no backup holds how it connected"
    );
    Failure::permanent("backstop::run::no_way_back", message).hint("Run it by hand before the plan, or after it.")
}

fn uncovered_write(step: &StepId, table: &str) -> Failure {
    let message = format!("step {step} writes to a table of the server's own, which no backup can hold: {table}");
    Failure::permanent("backstop::run::uncovered_write", message).hint(format!(
        "Use the statement that the server has for it. Where what is written there may stay, say `allow_uncovered: [{table}]` in the \
         plan's `backup`."
    ))
}
