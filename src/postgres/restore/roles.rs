//! Roles that are gone since the backup was taken, and those whose tables others put in the way.

use tokio_postgres::Client;

use crate::{
    catalog::{ObjectKey, Script, Snapshot, roles},
    machine::Failure,
    postgres::error_class::failure,
    sql::quote::ident,
};

/// Asks for every role that the script's objects name. A role belongs to the whole server and to whoever made it: a restore makes none.
///
/// # Errors
/// `backstop::restore::role_missing`, naming each with an object that names it; or what the server said.
pub async fn all_there(client: &Client, then: &Snapshot, script: &Script) -> Result<(), Failure> {
    const MISSING: &str = "SELECT t.name FROM pg_catalog.unnest($1::pg_catalog.text[]) AS t (name) \
                           WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = t.name) ORDER BY 1";
    let named = roles(then, &script.recreated);
    let names: Vec<&String> = named.keys().collect();
    let failed = |error| failure("backstop::restore::failed", &error);
    let rows = client.query(MISSING, &[&names]).await.map_err(failed)?;
    let missing: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(failed)?;
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = missing
        .iter()
        .filter_map(|role| Some(format!("role {role}, which {} names, does not exist any more", named.get(role)?)))
        .collect();
    let help: Vec<String> = missing.iter().map(|role| format!("CREATE ROLE {};", ident(role))).collect();
    Err(Failure::permanent("backstop::restore::role_missing", lines.join("; ")).detail(lines.join("\n")).hint(format!(
        "Let an administrator run: {} Then run `backstop restore` again; nothing was changed.",
        help.join(" ")
    )))
}

/// Asks whether tables that others made, and that must be made anew with their rows, belong to one of our roles.
///
/// # Errors
/// `backstop::restore::unrestorable`, naming each of them with its owner and what helps; or what the server said.
pub async fn may_make_anew(client: &Client, now: &Snapshot, tables: Vec<&ObjectKey>) -> Result<(), Failure> {
    const STRANGERS: &str = "SELECT r.rolname::pg_catalog.text, current_user::pg_catalog.text FROM pg_catalog.pg_roles AS r \
                             WHERE r.rolname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]) \
                               AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE') ORDER BY 1";
    let owner = |table: &ObjectKey| now.objects.get(table)?.owner.clone();
    let owners: Vec<String> = tables.iter().filter_map(|table| owner(table)).collect();
    let failed = |error| failure("backstop::restore::failed", &error);
    let rows = client.query(STRANGERS, &[&owners]).await.map_err(failed)?;
    let mut lines = Vec::new();
    let mut help = Vec::new();
    for row in rows {
        let (stranger, own): (String, String) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        help.push(format!("GRANT {} TO {};", ident(&stranger), ident(&own)));
        let theirs = tables.iter().filter(|table| owner(table).as_ref() == Some(&stranger));
        lines.extend(theirs.map(|table| {
            format!("{table} is made of what the run changed, and must be made anew with its rows; it belongs to {stranger}")
        }));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let message = format!("the way back is blocked: {}", lines.join("; "));
    Err(Failure::permanent("backstop::restore::unrestorable", message).detail(lines.join("\n")).hint(format!(
        "Let an administrator run: {} Then run `backstop restore` again; the backup and all evidence are kept.",
        help.join(" ")
    )))
}
