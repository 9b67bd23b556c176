//! Switching event triggers off for our own statements, and on again.

use tokio_postgres::{Client, Error, types::Oid};

use crate::sql::quote::{ident, literal};

/// From this version on the server tells who may set which parameter.
const TELLS_PRIVILEGES: i32 = 150_000;

/// An event trigger that fires for our statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FiringEventTrigger {
    /// Its row: one that is made again under its name is another.
    pub(super) oid: Oid,
    pub(super) name: String,
    /// Whether it fires for replicas, too.
    pub(super) is_always: bool,
    /// Whether the role may switch it off.
    pub(super) is_ours: bool,
    pub(super) owner: String,
    /// The commands that it fires for; none is all.
    pub(super) tags: Option<Vec<String>>,
}

/// Those that fire.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub(super) async fn enabled(client: &Client) -> Result<Vec<FiringEventTrigger>, Error> {
    let rows = client.query(include_str!("enabled.sql"), &[]).await?;
    let read = |row: &tokio_postgres::Row| {
        Ok(FiringEventTrigger {
            oid: row.try_get(5)?,
            name: row.try_get(0)?,
            is_always: row.try_get::<_, String>(1)? == "A",
            is_ours: row.try_get(2)?,
            owner: row.try_get(3)?,
            tags: row.try_get(4)?,
        })
    };
    rows.iter().map(read).collect()
}

impl FiringEventTrigger {
    fn disable(&self) -> String {
        format!("ALTER EVENT TRIGGER {} DISABLE", ident(&self.name))
    }

    fn enable(&self) -> String {
        let always = if self.is_always { " ALWAYS" } else { "" };
        format!("ALTER EVENT TRIGGER {} ENABLE{always}", ident(&self.name))
    }
}

/// The event triggers that were switched off for a part of a transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressed(Vec<FiringEventTrigger>);

/// Switches the event triggers off that the role may: for the open transaction by a setting that touches nothing else, or one by one
/// until [`enable`]. Nobody else sees that before the transaction's end.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn disable(client: &Client) -> Result<Suppressed, Error> {
    let triggers = enabled(client).await?;
    if triggers.is_empty() {
        return Ok(Suppressed::default());
    }
    if setting(client).await?.as_deref() == Some("event_triggers") {
        client.batch_execute("SET LOCAL event_triggers = off").await?;
        return Ok(Suppressed::default());
    }
    let ours: Vec<FiringEventTrigger> = triggers.into_iter().filter(|trigger| trigger.is_ours).collect();
    for trigger in &ours {
        client.batch_execute(&trigger.disable()).await?;
    }
    Ok(Suppressed(ours))
}

/// Switches those on again that are still there.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn enable(client: &Client, Suppressed(triggers): Suppressed) -> Result<(), Error> {
    if triggers.is_empty() {
        return Ok(());
    }
    const STILL: &str = "SELECT t.oid FROM pg_catalog.pg_event_trigger AS t \
                         WHERE t.oid OPERATOR(pg_catalog.=) ANY ($1) AND t.evtenabled IN ('D')";
    let oids: Vec<Oid> = triggers.iter().map(|trigger| trigger.oid).collect();
    let still: Vec<Oid> = client.query(STILL, &[&oids]).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for trigger in triggers.iter().filter(|trigger| still.contains(&trigger.oid)) {
        client.batch_execute(&trigger.enable()).await?;
    }
    Ok(())
}

/// The statements that keep event triggers from firing in the open transaction, and let them fire again. Both are empty where none
/// fires, or where no setting can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WithoutEventTriggers {
    /// From here on none fires.
    pub begin: String,
    /// From here on they fire again; so they do after the transaction's end.
    pub end: String,
}

impl WithoutEventTriggers {
    /// The statements, of which event triggers see nothing.
    pub fn around(&self, sql: &str) -> String {
        format!("{}{sql}; {}", self.begin, self.end)
    }
}

/// What keeps event triggers quiet. It is for making, filling and dropping tables of our own alone: the role of a replica keeps other
/// triggers and foreign keys from being asked, too.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn without(client: &Client) -> Result<WithoutEventTriggers, Error> {
    if enabled(client).await?.is_empty() {
        return Ok(WithoutEventTriggers::default());
    }
    let Some(name) = setting(client).await? else { return Ok(WithoutEventTriggers::default()) };
    let before: String = client.query_one("SELECT pg_catalog.current_setting($1)", &[&name]).await?.try_get(0)?;
    let off = if name == "event_triggers" { "off" } else { "replica" };
    Ok(WithoutEventTriggers {
        begin: format!("SET LOCAL {name} = {off}; "),
        end: format!("SET LOCAL {name} = {}; ", literal(&before)),
    })
}

/// The same, and where no setting does it, one by one those that the role may switch off: for one short transaction, because whoever
/// changes these event triggers meanwhile waits for its end.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn without_any(client: &Client) -> Result<WithoutEventTriggers, Error> {
    let triggers = enabled(client).await?;
    if triggers.is_empty() || setting(client).await?.is_some() {
        return without(client).await;
    }
    let ours = || triggers.iter().filter(|trigger| trigger.is_ours);
    Ok(WithoutEventTriggers {
        begin: ours().map(|trigger| trigger.disable() + "; ").collect(),
        end: ours().map(|trigger| trigger.enable() + "; ").collect(),
    })
}

/// Those that fire although [`without`] is in force.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub(super) async fn unsuppressed(client: &Client) -> Result<Vec<FiringEventTrigger>, Error> {
    let mut triggers = enabled(client).await?;
    match setting(client).await?.as_deref() {
        None => {}
        Some("event_triggers") => triggers.clear(),
        // The role of a replica.
        Some(_) => triggers.retain(|trigger| trigger.is_always),
    }
    Ok(triggers)
}

/// Runs statements of our own in one message, and so in one transaction, of which event triggers see nothing where a setting keeps them
/// from it.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn execute_without(client: &Client, sql: &str) -> Result<(), Error> {
    let sql = without(client).await?.around(sql);
    client.batch_execute(&sql).await
}

/// Keeps event triggers from firing in the open transaction until [`resume`] or its end, as [`without`] says.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn suspend(client: &Client) -> Result<WithoutEventTriggers, Error> {
    let quiet = without(client).await?;
    client.batch_execute(&quiet.begin).await?;
    Ok(quiet)
}

/// Lets them fire again.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn resume(client: &Client, quiet: WithoutEventTriggers) -> Result<(), Error> {
    client.batch_execute(&quiet.end).await
}

async fn setting(client: &Client) -> Result<Option<String>, Error> {
    const VERSION: &str = "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4";
    let version: i32 = client.query_one(VERSION, &[]).await?.try_get(0)?;
    let sql =
        if version >= TELLS_PRIVILEGES { include_str!("settings.sql") } else { include_str!("settings_before_15.sql") };
    client.query_opt(sql, &[]).await?.map_or(Ok(None), |row| row.try_get(0))
}
