//! Whether the fence that the plan wants can be put up around the targets.

use tokio_postgres::{Client, Error, types::Oid};

use super::findings::Findings;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Transaction, Writers},
    postgres::relation::Relation,
};

/// What stands in the way of it, with the GRANT that helps, and what is worth a word.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &[Relation],
    findings: &mut Findings,
) -> Result<(), Error> {
    if plan.backup.writers == Writers::Allow || plan.transaction == Transaction::Plan {
        return Ok(());
    }
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    for row in client.query(include_str!("writers.sql"), &[&oids]).await? {
        let (table, may_make_triggers, has_key): (String, bool, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if !may_make_triggers {
            let message = format!("the role may make no triggers on table {table}, which fence it");
            findings.failures.push(
                Failure::permanent("backstop::preflight::missing_privilege", message)
                    .hint(format!("Let an administrator run: {}", row.try_get::<_, String>(3)?)),
            );
        }
        if !has_key && plan.backup.writers == Writers::Capture {
            findings.warnings.push(format!(
                "{table} has no key: what others change of it is looked for by whole rows when it is carried over, which is slow"
            ));
        }
    }
    Ok(())
}
