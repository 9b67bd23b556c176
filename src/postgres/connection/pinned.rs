//! Sessions in which our search path is pinned before their first statement.
//!
//! It is a startup option. Where a pooler takes no such options it is set by the first statement, but only in a session that is the server's own: under a
//! pooler that hands its sessions around it would be lost for us and left behind for others.

use super::{
    attempt::{ConnectAttempt, failed, said},
    connect_error::ConnectError,
    pinned_path::{PIN, PINNED},
    reason::Reason,
    session::Connection,
    sharing::{Sharing, first_value, sharing},
};

/// Opens a session in which the path is pinned.
pub(super) async fn open(attempt: &ConnectAttempt<'_>) -> Result<Connection, ConnectError> {
    let connection = with_option(attempt).await?;
    let dropped = |error: tokio_postgres::Error| {
        let state = error.code().map(|state| state.code().to_owned());
        ConnectError { sqlstate: state, ..failed(attempt.options, attempt.endpoint, Reason::Dropped, Some(said(&error))) }
    };
    let path = first_value(&connection.client, "SHOW search_path").await.map_err(dropped)?;
    if path.is_some_and(|path| path.replace(' ', "") == PINNED.replace(' ', "")) {
        return Ok(connection);
    }
    // Something on the way keeps the option to itself. A second session tells whether it hands sessions around.
    let other = with_option(attempt).await?;
    match sharing(&[&connection.client, &other.client]).await.map_err(dropped)? {
        Sharing::Own => connection.client.batch_execute(PIN).await.map(|()| connection).map_err(dropped),
        Sharing::Shared { address } => {
            let said = address.map(|address| format!("it says that it answers at {address}"));
            Err(failed(attempt.options, attempt.endpoint, Reason::SessionsShared, said))
        }
    }
}

/// Opens a session with the option, or without it where that is refused.
async fn with_option(attempt: &ConnectAttempt<'_>) -> Result<Connection, ConnectError> {
    let opened = match Box::pin(attempt.open()).await {
        Err(refused) if refuses_options(&refused) => Box::pin(ConnectAttempt { pinned: false, ..*attempt }.open()).await,
        opened => opened,
    }?;
    Ok(Connection::watched(opened, attempt.tls, attempt.options, attempt.endpoint))
}

/// A pooler that knows no options calls them a protocol violation, or says that it has no such feature.
fn refuses_options(error: &ConnectError) -> bool {
    const CONNECTION_OR_FEATURE: [&str; 2] = ["08", "0A"];
    error.sqlstate().is_some_and(|state| CONNECTION_OR_FEATURE.iter().any(|class| state.starts_with(class)))
}
