//! Whose the journal is, and a schema of backups: code of whoever owns something in there runs with the rights of everybody who
//! uses it, by triggers, rules, policies, defaults and functions. So it is looked at before anything in it is read or written.

use tokio_postgres::{Client, Error};

use super::error_class;
use crate::{machine::Failure, sql::quote::ident};

/// The schema of the journal.
pub const JOURNAL: &str = "backstop";

/// Makes sure that these schemas, where they are there, hold nothing of a role that this session has no reason to trust: another
/// one than its own, those that it was made a member of, superusers, and the database's owner.
///
/// # Errors
/// `backstop::journal::foreign_owner` with whose what is, or what the server said.
pub async fn refuse_foreign(client: &Client, schemas: &[&str]) -> Result<(), Failure> {
    let failed = |error: Error| error_class::failure("backstop::journal::not_read", &error);
    let rows = client.query(include_str!("ownership/foreign.sql"), &[&schemas]).await.map_err(failed)?;
    let found =
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<Vec<(String, String)>, Error>>();
    let found = found.map_err(failed)?;
    let Some((what, owner)) = found.first() else { return Ok(()) };
    let all: Vec<String> = found.iter().map(|(what, owner)| format!("{what}: {owner}")).collect();
    let me: String = client.query_one("SELECT session_user::text", &[]).await.map_err(failed)?.try_get(0).map_err(failed)?;
    Err(Failure::permanent(
        "backstop::journal::foreign_owner",
        format!("{what} belongs to role {owner}, whose code would run here with the rights of {me}"),
    )
    .detail(all.join("\n"))
    .hint(format!(
        "Where {owner} may be trusted with that, connect as {owner}, or let an administrator run `GRANT {} TO {}`. Else look at what \
         is in there, and rename or drop it.",
        ident(owner),
        ident(&me)
    )))
}
