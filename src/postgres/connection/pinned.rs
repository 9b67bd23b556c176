//! Sessions in which our search path is pinned, and limits of time are lifted, before their first statement.
//!
//! That is done by startup options. Where a pooler takes no such options the path is set by the first statement, but only in a session that is the
//! server's own: under a pooler that hands its sessions around it would be lost for us and left behind for others.

use tokio_postgres::{Client, Error};

use super::{
    attempt::{ConnectAttempt, failed, said},
    connect_error::ConnectError,
    pinned_path::{PIN, PINNED},
    reason::Reason,
    session::Connection,
    sharing::{Sharing, first_row, sharing},
};

/// Limits of time that not every version knows, with the first that does. One that doesn't refuses the session that lifts them, so that they
/// are lifted where they are set.
const LATER_LIMITS: [(&str, u32); 2] = [("idle_session_timeout", 14), ("transaction_timeout", 17)];

/// Opens a session in which the path is pinned and nothing limits the time.
pub(super) async fn open(attempt: &ConnectAttempt<'_>) -> Result<Connection, ConnectError> {
    let dropped = |error: Error| {
        let state = error.code().map(|state| state.code().to_owned());
        ConnectError { sqlstate: state, ..failed(attempt.options, attempt.endpoint, Reason::Dropped, Some(said(&error))) }
    };
    let mut lifted: Vec<&'static str> = Vec::new();
    // Each time but the last lifts a limit more.
    let connection = loop {
        let (connection, version) = with_options(&ConnectAttempt { lifted: &lifted, ..*attempt }).await?;
        let found = Found::ask(&connection.client).await;
        // A session that was ended before it could be asked does not always hear by what.
        let limits = found.as_ref().map_or_else(|_| known_to(version), |found| found.limits.clone());
        let more: Vec<&'static str> = limits.into_iter().filter(|limit| !lifted.contains(limit)).collect();
        match found {
            Ok(Found { is_pinned: false, .. }) => break connection,
            Ok(_) if more.is_empty() => return Ok(connection),
            Err(error) if more.is_empty() => return Err(dropped(error)),
            Ok(_) | Err(_) => lifted.extend(more),
        }
    };
    // Something on the way keeps the options to itself. A second session tells whether it hands sessions around.
    let (other, _) = with_options(attempt).await?;
    match sharing(&[&connection.client, &other.client]).await.map_err(dropped)? {
        Sharing::Own => connection.client.batch_execute(PIN).await.map(|()| connection).map_err(dropped),
        Sharing::Shared { address } => {
            let said = address.map(|address| format!("it says that it answers at {address}"));
            Err(failed(attempt.options, attempt.endpoint, Reason::SessionsShared, said))
        }
    }
}

/// How a session begins.
struct Found {
    is_pinned: bool,
    /// The later limits that are in force in it.
    limits: Vec<&'static str>,
}

impl Found {
    async fn ask(client: &Client) -> Result<Self, Error> {
        // Asked where the path may not be pinned yet: without an operator.
        const BEGINNING: &str = "SELECT pg_catalog.current_setting('search_path'), \
            pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('transaction_timeout', true)";
        let row = first_row(client, BEGINNING).await?;
        let value = |at: usize| row.as_ref().map(|row| row.try_get(at)).transpose().map(Option::flatten);
        let is_pinned = value(0)?.is_some_and(|path| path.replace(' ', "") == PINNED.replace(' ', ""));
        let mut limits = Vec::new();
        for (at, (limit, _)) in (1..).zip(&LATER_LIMITS) {
            if value(at)?.is_some_and(|value| value != "0") {
                limits.push(*limit);
            }
        }
        Ok(Found { is_pinned, limits })
    }
}

fn known_to(version: u32) -> Vec<&'static str> {
    LATER_LIMITS.iter().filter(|(_, since)| version >= *since).map(|(limit, _)| *limit).collect()
}

/// Opens a session with the options, or without them where they are refused. Gives the server's major version, too; 0 where it doesn't say.
async fn with_options(attempt: &ConnectAttempt<'_>) -> Result<(Connection, u32), ConnectError> {
    let opened = match Box::pin(attempt.open()).await {
        Err(refused) if refuses_options(&refused) => Box::pin(ConnectAttempt { pinned: false, ..*attempt }.open()).await,
        opened => opened,
    }?;
    let version =
        opened.wire.parameter("server_version").and_then(|version| version.split(|c: char| !c.is_ascii_digit()).next());
    let version = version.and_then(|major| major.parse().ok()).unwrap_or_default();
    Ok((Connection::watched(opened, attempt.tls, attempt.options, attempt.endpoint), version))
}

/// A pooler that knows no options calls them a protocol violation, or says that it has no such feature.
fn refuses_options(error: &ConnectError) -> bool {
    const CONNECTION_OR_FEATURE: [&str; 2] = ["08", "0A"];
    error.sqlstate().is_some_and(|state| CONNECTION_OR_FEATURE.iter().any(|class| state.starts_with(class)))
}
