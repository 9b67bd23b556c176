//! Whether the role may do what a run needs; each finding names the statement that helps.

use tokio_postgres::{Client, types::Oid};

use crate::{
    machine::Failure,
    plan::{Plan, Rendered},
    postgres::{fault, relation::Relation},
};

pub(super) async fn failures(client: &Client, plan: &Plan<Rendered>, targets: &[Relation]) -> Result<Vec<Failure>, Failure> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let rows = client
        .query(include_str!("privileges.sql"), &[&oids, &plan.backup.schema.sent()])
        .await
        .map_err(|error| fault::failure("backstop::preflight::not_looked", &error))?;
    let failure = |row: &tokio_postgres::Row| {
        Failure::permanent(row.get(0), row.get::<_, String>(1))
            .hint(format!("Let an administrator run: {}", row.get::<_, String>(2)))
    };
    Ok(rows.iter().map(failure).collect())
}
