//! Logical replication on both sides: what subscriptions bring to the targets, and what subscribers see of a restore.

use tokio_postgres::{Client, Error, types::Oid};

use super::findings::PreflightFindings;
use crate::{
    catalog::{Script, Snapshot, unseen_by_subscribers},
    machine::Failure,
    plan::{Plan, Rendered, Transaction, Writers},
    postgres::relation::Relation,
};

/// How many tables or memberships are named.
const NAMED_MAX: usize = 5;

/// Looks at the subscriptions that bring changes to the targets, where a fence refuses them. Their workers try again until it is
/// down, unless the subscription is to be disabled at the first error.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &[Relation],
    findings: &mut PreflightFindings,
) -> Result<(), Error> {
    if plan.backup.writers != Writers::Block || plan.transaction == Transaction::Plan {
        return Ok(());
    }
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let rows = client.query(include_str!("subscribed.sql"), &[&oids]).await?;
    let fed = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    if fed.is_empty() {
        return Ok(());
    }
    findings.warnings.push(format!(
        "a subscription brings changes to {}: they are refused while the run goes on, and applied when it has ended",
        some(&fed)
    ));
    // Before version 15 there is no such option.
    const DISABLES: &str = "SELECT count(*) FROM pg_catalog.pg_attribute AS a \
                            WHERE a.attrelid = 'pg_catalog.pg_subscription'::pg_catalog.regclass AND a.attname = 'subdisableonerr'";
    if client.query_one(DISABLES, &[]).await?.try_get::<_, i64>(0)? > 0 {
        for row in client.query(include_str!("disabled_on_error.sql"), &[&oids]).await? {
            findings.failures.push(disabled(&row.try_get::<_, String>(0)?));
        }
    }
    Ok(())
}

fn disabled(subscription: &str) -> Failure {
    Failure::permanent(
        "backstop::preflight::subscription_disabled",
        format!(
            "subscription {subscription}, which brings changes to targets, is disabled at the first one that is refused"
        ),
    )
    .hint(format!(
        "ALTER SUBSCRIPTION {subscription} SET (disable_on_error = false); or say `writers: capture` in the plan's backup."
    ))
}

/// What subscribers would not see of the longest way back.
pub(super) fn unpublished(snapshot: &Snapshot, script: &Script) -> Option<String> {
    let members: Vec<String> = unseen_by_subscribers(script, snapshot, snapshot).iter().map(ToString::to_string).collect();
    (!members.is_empty()).then(|| {
        format!(
            "subscribers would not see what a restore does to {}: they must be synchronised again after one. Publications that \
             publish truncate, of tables that are no partitions, show it",
            some(&members)
        )
    })
}

fn some(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMED_MAX).cloned().collect();
    if names.len() > NAMED_MAX {
        shown.push(format!("{} more", names.len() - NAMED_MAX));
    }
    shown.join(", ")
}
