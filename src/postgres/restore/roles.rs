//! Roles that are gone since the backup was taken.

use tokio_postgres::Client;

use crate::{
    catalog::{Script, Snapshot, roles},
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
