//! Whether others may make things where the plan's own SQL looks names up. What they make there may be called by it, with the
//! rights of the run's role (CVE-2018-1058).

use tokio_postgres::{Client, Error};

use crate::{
    plan::{Plan, Rendered},
    sql::quote::ident,
};

/// One warning a schema of the plan's `search_path` that is open to others.
pub(super) async fn warnings(client: &Client, plan: &Plan<Rendered>) -> Result<Vec<String>, Error> {
    let schemas: Vec<&str> = plan.session.search_path.iter().map(|schema| schema.sent()).collect();
    let mut warnings = Vec::new();
    for row in client.query(include_str!("open_path.sql"), &[&schemas]).await? {
        warnings.push(open(row.try_get(0)?, &row.try_get::<_, Vec<String>>(1)?));
    }
    Ok(warnings)
}

fn open(schema: &str, roles: &[String]) -> String {
    format!(
        "{} may make objects in schema {schema} of the plan's search_path, and a name without its schema in the plan's SQL may mean \
         one of these, which then runs with the rights of this run. REVOKE CREATE ON SCHEMA {} from whom it is not meant for; or write \
         names with their schemas, and leave this one out of `search_path`",
        roles.join(", "),
        ident(schema)
    )
}
