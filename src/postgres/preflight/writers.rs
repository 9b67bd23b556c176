//! What is worth a word about carrying writes of others over. The privileges for it are among those of every target.

use tokio_postgres::{Client, Error, types::Oid};

use crate::{
    plan::{Plan, Rendered, Transaction, Writers},
    postgres::relation::Relation,
};

/// A warning for each target whose changed rows would have to be looked for.
pub(super) async fn warnings(client: &Client, plan: &Plan<Rendered>, targets: &[Relation]) -> Result<Vec<String>, Error> {
    if plan.backup.writers != Writers::Capture || plan.transaction == Transaction::Plan {
        return Ok(Vec::new());
    }
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let mut warnings = Vec::new();
    for row in client.query(include_str!("writers.sql"), &[&oids]).await? {
        let (table, has_key): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        if !has_key {
            warnings.push(format!(
                "{table} has no key: what others change of it is looked for by whole rows when it is carried over, which is slow"
            ));
        }
    }
    Ok(warnings)
}
