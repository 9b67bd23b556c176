//! Checks of row-level security, policies and privileges.

use tokio_postgres::Client;

use super::{
    finding::{Finding, Unevaluated},
    sample::column_name,
};
use crate::{plan::Text, postgres::relation::Relation};

/// What `ALL` stands for in GRANT (<https://www.postgresql.org/docs/current/ddl-priv.html>), as far as every server knows it.
const ALL_PRIVILEGES: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

pub(super) async fn row_security(
    client: &Client,
    table: &Relation,
    enabled: bool,
    forced: Option<bool>,
) -> Result<Finding, Unevaluated> {
    let row = client
        .query_one("SELECT relrowsecurity, relforcerowsecurity FROM pg_catalog.pg_class WHERE oid = $1", &[&table.oid])
        .await?;
    let (is_enabled, is_forced): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    let holds = is_enabled == enabled && forced.is_none_or(|forced| is_forced == forced);
    let state = match (is_enabled, is_forced) {
        (true, true) => "enabled and forced",
        (true, false) => "enabled, not forced",
        (false, true) => "forced but not enabled",
        (false, false) => "not enabled",
    };
    Ok(Finding::when(holds, format!("row-level security of {table} is {state}")))
}

pub(super) async fn policies(
    client: &Client,
    table: &Relation,
    name: Option<&Text>,
    at_least: u64,
) -> Result<Finding, Unevaluated> {
    let rows = client
        .query("SELECT polname::text FROM pg_catalog.pg_policy WHERE polrelid = $1 ORDER BY polname", &[&table.oid])
        .await?;
    let names: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let count = names.len() as u64;
    let Some(name) = name else {
        let holds = count >= at_least;
        let message = match (holds, count) {
            (true, count) => format!("{table} has {count} policies"),
            (false, 0) => format!("{table} has no policy, at least {at_least} asked for"),
            (false, _) => format!("{table} has {count} policies ({}), at least {at_least} asked for", names.join(", ")),
        };
        return Ok(Finding::when(holds, message).count(count));
    };
    // A policy's name may be any text, blanks included.
    let wanted = column_name(name).unwrap_or_else(|_| name.sent().to_owned());
    let holds = names.iter().any(|is| *is == wanted || is == name.sent());
    let message = match holds {
        true => format!("{table} has policy {name}"),
        false if names.is_empty() => format!("{table} has no policy {name}, nor any other"),
        false => format!("{table} has no policy {name}, only {}", names.join(", ")),
    };
    Ok(Finding::when(holds, message))
}

/// Where they must not be granted, a single one that is breaks the check.
pub(super) async fn privileges(
    client: &Client,
    table: &Relation,
    role: &Text,
    privileges: &[Text],
    granted: bool,
) -> Result<Finding, Unevaluated> {
    let mut wrong = Vec::new();
    let mut asked = Vec::new();
    for privilege in privileges {
        match privilege.sent().to_ascii_uppercase().as_str() {
            "ALL" | "ALL PRIVILEGES" => asked.extend(ALL_PRIVILEGES.map(str::to_owned)),
            one => asked.push(one.to_owned()),
        }
    }
    if asked.is_empty() {
        return Unevaluated::because("it names no privilege");
    }
    for privilege in &asked {
        let has: bool = client
            .query_one("SELECT has_table_privilege($1::name, $2::oid, $3)", &[&role.sent(), &table.oid, privilege])
            .await?
            .try_get(0)?;
        if has != granted {
            wrong.push(privilege.as_str());
        }
    }
    let (has, lacks) = (format!("{role} has"), format!("{role} does not have"));
    let (is, is_not) = if granted { (has, lacks) } else { (lacks, has) };
    Ok(match wrong.is_empty() {
        true => Finding::holds(format!("{is} {} on {table}", asked.join(", "))),
        false => Finding::broken(format!("{is_not} {} on {table}", wrong.join(", "))),
    })
}
