//! Whether something between here and the server hands its sessions around, a transaction at a time or even a statement.
//!
//! Only asked with what every pooler lets through, and with statements that no object of the database has a part in.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow, error::SqlState};

/// How long all questions together may take. A pooler with fewer sessions than we have open transactions never answers.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How often all sessions are open in a transaction at once. Between two times the order changes, so that a pooler gives them
/// other sessions than before, whether it takes the one first that came back last or the one that waits longest.
const ROUNDS: usize = 3;

/// Whose the server's sessions are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// Each is one of the server's own, for as long as it lasts.
    Own,
    /// Others get them between our transactions.
    Shared {
        /// The server's own address, as it sees it itself, where that could be asked.
        address: Option<String>,
    },
}

/// Whether each of these sessions, which are outside of transactions, is one of the server's own.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn sharing(sessions: &[&Client]) -> Result<Sharing, Error> {
    match timeout(ANSWERED_WITHIN, each_is_its_own(sessions)).await {
        Ok(Ok(true)) => Ok(Sharing::Own),
        Ok(Err(error)) if error.code() != Some(&SqlState::PROTOCOL_VIOLATION) => Err(error),
        // A pooler of statements calls it a violation of the protocol to begin a transaction.
        Ok(Ok(false) | Err(_)) | Err(_) => Ok(Sharing::Shared { address: address(sessions).await }),
    }
}

async fn each_is_its_own(sessions: &[&Client]) -> Result<bool, Error> {
    let mut processes = Vec::new();
    for session in sessions {
        let process = first_value(session, "SELECT pg_catalog.pg_backend_pid()").await?;
        if processes.contains(&process) {
            return Ok(false);
        }
        processes.push(process);
    }
    for round in 0..ROUNDS {
        let mut each_kept_its_own = true;
        let turns = sessions.iter().zip(&processes).cycle().skip(round).take(sessions.len());
        for (session, process) in turns {
            let now = first_value(session, "BEGIN; SELECT pg_catalog.pg_backend_pid()").await?;
            each_kept_its_own &= now == *process;
        }
        for session in sessions {
            session.batch_execute("ROLLBACK").await?;
        }
        if !each_kept_its_own {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The server's own address, as it sees it itself; a pooler lets one of the sessions ask.
async fn address(sessions: &[&Client]) -> Option<String> {
    // Asked where no search path could be pinned: each value by itself, without an operator.
    const HOST: &str = "SELECT coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), \
                        pg_catalog.split_part(pg_catalog.current_setting('unix_socket_directories'), ',', 1))";
    for session in sessions.iter().filter(|session| !session.is_closed()) {
        // An open transaction of the questions before would refuse this one.
        let _ = timeout(Duration::from_secs(1), session.batch_execute("ROLLBACK")).await;
        let asked = async { Ok::<_, Error>((first_value(session, HOST).await?, first_value(session, "SHOW port").await?)) };
        if let Ok(Ok((Some(host), Some(port)))) = timeout(Duration::from_secs(1), asked).await {
            return Some(format!("{host}:{port}"));
        }
    }
    None
}

pub(super) async fn first_value(session: &Client, sql: &str) -> Result<Option<String>, Error> {
    let row = first_row(session, sql).await?;
    Ok(row.as_ref().map(|row| row.try_get(0)).transpose()?.flatten().map(str::to_owned))
}

/// The simple protocol: a statement prepared in one session would be missing in the next one.
pub(super) async fn first_row(session: &Client, sql: &str) -> Result<Option<SimpleQueryRow>, Error> {
    let answer = session.simple_query(sql).await?;
    Ok(answer.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    }))
}
