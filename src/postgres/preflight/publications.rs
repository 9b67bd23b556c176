//! Publications that would publish the journal and the copies: for tables of everywhere, or of one of their schemas.

use tokio_postgres::{Client, Error};

use super::findings::PreflightFindings;
use crate::{machine::Failure, postgres::ownership::JOURNAL, sql::quote::ident};

/// Says which publications hold what a run writes for itself. Where somebody follows the database's changes it is a failure: no
/// table can be left out of such a publication, and whoever misses one of ours stops for good.
pub(super) async fn look(client: &Client, backup_schema: &str, findings: &mut PreflightFindings) -> Result<(), Error> {
    let rows = client.query(include_str!("published.sql"), &[&[JOURNAL, backup_schema].as_slice()]).await?;
    for row in rows {
        let (name, of_all): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let (instead, followed): (Option<String>, bool) = (row.try_get(2)?, row.try_get(3)?);
        let what = if of_all { "all tables" } else { "tables of the journal or of the backups" };
        let message = format!(
            "publication {name} publishes {what}: the journal `{JOURNAL}` and the copies of rows in {backup_schema}, too"
        );
        if !followed {
            findings.warnings.push(format!("{message}; whoever subscribes to it needs tables of these names, or stops"));
            continue;
        }
        let publication = ident(&name);
        let failure = Failure::permanent("backstop::preflight::published", message + ", and a logical slot follows this database")
            .detail("A subscriber stops for good at the first change of a table that it does not have, and every copy is such a table.")
            .hint(match (of_all, instead) {
                (true, Some(instead)) => format!(
                    "Publish the application's tables instead: BEGIN; DROP PUBLICATION {publication}; CREATE PUBLICATION {publication} \
                     FOR {instead}; COMMIT; with the options that it has, and then on each subscriber: ALTER SUBSCRIPTION ... REFRESH \
                     PUBLICATION WITH (copy_data = false);"
                ),
                _ => format!(
                    "Take these schemas out of it: ALTER PUBLICATION {publication} DROP TABLES IN SCHEMA {}, {};",
                    ident(JOURNAL),
                    ident(backup_schema)
                ),
            });
        findings.failures.push(failure);
    }
    Ok(())
}
