//! Rows that break a foreign key that counts as valid. They come in where its triggers don't fire (`session_replication_role`,
//! DISABLE TRIGGER ALL), and nobody notices until the key is made anew: at the end of a restore.

use tokio_postgres::{Client, Error, error::SqlState};

use super::findings::PreflightFindings;
use crate::{machine::Failure, postgres::relation::Relation, sql::quote::ident};

/// Tables that are no target are read up to this size. The targets themselves are read as a whole by the backup anyway.
const UNCOVERED_BYTES_MAX: i64 = 1024 * 1024 * 1024;

struct ForeignKeyProbe {
    name: String,
    own: String,
    other: String,
    /// Why nobody looks; none where somebody does.
    unread: Option<String>,
    query: String,
    /// The role that asks, where it is not the session's own.
    asks: Option<String>,
}

/// Looks for such rows: one join a key, under the plan's `statement_timeout`. A key that can't be looked at is told, with the reason.
pub(super) async fn look(client: &Client, targets: &[Relation], findings: &mut PreflightFindings) -> Result<(), Error> {
    let names: Vec<String> = targets.iter().map(Relation::quoted).collect();
    let rows = client.query(include_str!("foreign_keys.sql"), &[&names, &UNCOVERED_BYTES_MAX]).await?;
    // Rows that row-level security hides from the role must not count as missing.
    client.batch_execute("SAVEPOINT backstop_keys; SET LOCAL row_security = off").await?;
    for row in &rows {
        let key = ForeignKeyProbe {
            name: row.try_get(0)?,
            own: row.try_get(1)?,
            other: row.try_get(2)?,
            unread: row.try_get(3)?,
            query: row.try_get(4)?,
            asks: row.try_get(5)?,
        };
        if let Some(why) = &key.unread {
            findings.warnings.push(key.not_looked_at(why));
            continue;
        }
        let role = key.asks.as_ref().map(|role| format!("; SET LOCAL ROLE {}", ident(role))).unwrap_or_default();
        client.batch_execute(&format!("SAVEPOINT backstop_key{role}")).await?;
        match client.query_one(&key.query, &[]).await {
            Ok(row) => {
                let (rows, samples): (i64, Option<Vec<String>>) = (row.try_get(0)?, row.try_get(1)?);
                if rows > 0 {
                    findings.failures.push(key.broken(rows, &samples.unwrap_or_default()));
                }
            }
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
                findings.warnings.push(key.not_looked_at("that took longer than statement_timeout"));
            }
            Err(error) => match error.as_db_error() {
                // Of the server itself nothing more is to be had.
                Some(said) if said.code().code().starts_with("57") => return Err(error),
                Some(said) => {
                    findings.warnings.push(key.not_looked_at(&format!("the server refused it ({})", said.message())))
                }
                None => return Err(error),
            },
        }
        client.batch_execute("ROLLBACK TO SAVEPOINT backstop_key").await?;
    }
    client.batch_execute("ROLLBACK TO SAVEPOINT backstop_keys").await
}

impl ForeignKeyProbe {
    fn broken(&self, rows: i64, samples: &[String]) -> Failure {
        let (name, own, other) = (&self.name, &self.own, &self.other);
        let more = if usize::try_from(rows).is_ok_and(|rows| rows > samples.len()) { "; ..." } else { "" };
        Failure::permanent(
            "backstop::preflight::foreign_key_broken",
            format!("foreign key {name} on {own} could not be brought back: {rows} of its rows point to nothing in {other}"),
        )
        .detail(format!("they point to: {}{more}", samples.join("; ")))
        .hint(format!(
            "Delete or mend these rows; or make the key anew as one that does not hold for them, which a restore keeps: ALTER TABLE \
             {own} DROP CONSTRAINT {name}, and ADD CONSTRAINT with NOT VALID."
        ))
    }

    fn not_looked_at(&self, why: &str) -> String {
        format!(
            "whether all rows of {} keep to foreign key {} was not looked at, because {why}; `verify: restore` tries it",
            self.own, self.name
        )
    }
}
