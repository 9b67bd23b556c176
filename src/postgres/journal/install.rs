//! The journal's schema in the target database, and its versions.

use tokio_postgres::{Client, error::SqlState};

use crate::{
    machine::Failure,
    postgres::{
        backup, error_class, event_triggers, expressions, fence, later_writes,
        ownership::{JOURNAL, refuse_foreign},
        psql_api,
        transaction::BEGIN,
    },
};

/// The version of the schema that this program writes.
pub const VERSION: i32 = 3;

/// What makes the journal's own part of the newest version out of nothing.
const WHOLE: &[&str] = &[include_str!("schema.sql")];

/// What leads the journal's own part from each version to the next one, the first of them from 1 to 2. A script is never changed
/// once a program with it is out.
const UPGRADES: [&str; VERSION as usize - 1] = [include_str!("upgrades/2.sql"), include_str!("upgrades/3.sql")];

/// What else lives in the same schema: warnings, what keeps events as they are, what follows them, the views, the manifest of backups, the fence, what carries later
/// writes over, what plans register for psql. Each can be run on what is there already, and brings it forward too. A test holds
/// a new schema and the upgraded ones of all older versions equal.
const PARTS: [&str; 10] = [
    include_str!("warnings.sql"),
    include_str!("append_only.sql"),
    include_str!("follow_event.sql"),
    include_str!("views.sql"),
    backup::SCHEMA,
    expressions::SAFE_PATH,
    fence::SCHEMA,
    later_writes::CARRY_OVER,
    later_writes::FOREIGN_KEYS,
    psql_api::SCHEMA,
];

/// Remembers for the transaction what is in the schema before something is made there, as the last script wants it.
const THERE: &str = "SELECT set_config('backstop.there', (array_agg(o.oid))::text, true) FROM (
        SELECT 0::oid AS oid
        UNION ALL SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'backstop'
        UNION ALL SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace('backstop')
        UNION ALL SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = to_regnamespace('backstop')) AS o";

const NOT_INSTALLED: &str = "backstop::journal::not_installed";

/// Whether the journal is there.
///
/// # Errors
/// As [`install`].
pub async fn is_installed(client: &Client) -> Result<bool, Failure> {
    Ok(found(client).await? != InstalledVersion::Nothing)
}

/// Makes the journal where there is none: without it nobody can hold the run lock. An older one stays as it is, for whoever holds that.
/// Call it outside a transaction.
///
/// # Errors
/// As [`install`].
pub async fn make(client: &Client) -> Result<(), Failure> {
    if found(client).await? != InstalledVersion::Nothing {
        return Ok(());
    }
    match install(client).await {
        // Somebody else was quicker, and has committed.
        Err(_) if found(client).await? != InstalledVersion::Nothing => Ok(()),
        made => made,
    }
}

/// Installs the journal, or brings an older one forward; the caller holds the run lock then. Does nothing where it is up to date. Call
/// it outside a transaction.
///
/// # Errors
/// When the schema is newer than the program, belongs to someone else, or can't be made.
pub async fn install(client: &Client) -> Result<(), Failure> {
    if found(client).await? == InstalledVersion::Version(VERSION) {
        return Ok(());
    }
    let failed = |error| error_class::failure(NOT_INSTALLED, &error);
    client.batch_execute(BEGIN).await.map_err(failed)?;
    match migrate(client).await {
        Ok(()) => client.batch_execute("COMMIT").await.map_err(failed),
        Err(failure) => {
            // The failure is what people need to know; a ROLLBACK that fails too ends with the connection.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(event_triggers::blamed(client, with_grant(client, failure).await).await)
        }
    }
}

async fn migrate(client: &Client) -> Result<(), Failure> {
    let failed = |error| error_class::failure(NOT_INSTALLED, &error);
    let scripts: &[&str] = match found(client).await? {
        InstalledVersion::Nothing => WHOLE,
        InstalledVersion::Version(version) => since(version)?,
    };
    if scripts.is_empty() {
        return Ok(());
    }
    let suspended = event_triggers::suspend(client).await.map_err(failed)?;
    // What default privileges give to others on new objects is taken away before anybody can see them.
    client.batch_execute(psql_api::AS_WRITTEN).await.map_err(failed)?;
    client.batch_execute(THERE).await.map_err(failed)?;
    for script in scripts.iter().chain(&PARTS).chain(&[include_str!("close.sql")]) {
        client.batch_execute(script).await.map_err(failed)?;
    }
    event_triggers::resume(client, suspended).await.map_err(failed)?;
    const NOTE: &str = "INSERT INTO backstop.meta (version, program) VALUES ($1, $2)
        ON CONFLICT (single) DO UPDATE SET version = excluded.version, program = excluded.program";
    client.execute(NOTE, &[&VERSION, &env!("CARGO_PKG_VERSION")]).await.map(drop).map_err(failed)
}

/// The upgrades that a journal of this version still needs.
fn since(version: i32) -> Result<&'static [&'static str], Failure> {
    let done = usize::try_from(version).ok().and_then(|version| version.checked_sub(1)).ok_or_else(foreign)?;
    UPGRADES.get(done..).ok_or_else(|| newer(version))
}

#[derive(Debug, PartialEq, Eq)]
enum InstalledVersion {
    Nothing,
    Version(i32),
}

async fn found(client: &Client) -> Result<InstalledVersion, Failure> {
    refuse_foreign(client, &[JOURNAL]).await?;
    let failed = |error| error_class::failure("backstop::journal::not_read", &error);
    let row = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'backstop'),
                    EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                            WHERE n.nspname = 'backstop' AND c.relname = 'meta'),
                    EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                            WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = to_regnamespace('backstop'))",
            &[],
        )
        .await
        .map_err(failed)?;
    let cell = |index| row.try_get(index).map_err(failed);
    match (cell(0)?, cell(1)?, cell(2)?) {
        // An empty schema was made for us by somebody who may make schemas.
        (false, _, _) | (true, false, false) => return Ok(InstalledVersion::Nothing),
        (true, false, true) => return Err(foreign()),
        (true, true, _) => {}
    }
    let version = match client.query_opt("SELECT version FROM backstop.meta", &[]).await {
        Ok(Some(row)) => row.try_get(0).map_err(failed)?,
        Ok(None) => return Err(foreign()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_COLUMN) => return Err(foreign()),
        Err(error) => return Err(with_grant(client, failed(error)).await),
    };
    if version > VERSION { Err(newer(version)) } else { Ok(InstalledVersion::Version(version)) }
}

fn newer(version: i32) -> Failure {
    Failure::permanent(
        "backstop::journal::newer_schema",
        format!("the journal in this database has version {version}, this program knows up to {VERSION}"),
    )
    .hint("Use the backstop that wrote it, or a newer one.")
}

fn foreign() -> Failure {
    Failure::permanent("backstop::journal::foreign_schema", "a schema `backstop` exists that is no journal of this program")
        .hint("Rename that schema: backstop keeps its journal under this name.")
}

/// Says which GRANT helps, where a privilege is missing.
async fn with_grant(client: &Client, failure: Failure) -> Failure {
    if failure.sqlstate.as_deref() != Some(SqlState::INSUFFICIENT_PRIVILEGE.code()) {
        return failure;
    }
    // Where even this can't be asked, the failure itself is what people need to know.
    let row = client.query_one(include_str!("grant.sql"), &[]).await;
    let Ok(help) = row.and_then(|row| row.try_get::<_, String>(0)) else { return failure };
    failure.hint(format!("Let an administrator run: {help}"))
}
