//! Whether the role may do what a run needs; each finding names the statement that helps.

use tokio_postgres::{Client, types::Oid};

use crate::{
    machine::Failure,
    plan::{Plan, Rendered},
    postgres::{error_class, relation::Relation},
};

pub(super) async fn failures(client: &Client, plan: &Plan<Rendered>, targets: &[Relation]) -> Result<Vec<Failure>, Failure> {
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let failed = |error| error_class::failure("backstop::preflight::not_looked", &error);
    let rows = client.query(include_str!("privileges.sql"), &[&oids, &plan.backup.schema.sent()]).await.map_err(failed)?;
    let failure = |row: &tokio_postgres::Row| {
        let (code, what, help): (&str, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Failure::permanent(code, what).hint(format!("Let an administrator run: {help}")))
    };
    rows.iter().map(failure).collect::<Result<_, _>>().map_err(failed)
}
