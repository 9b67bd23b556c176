//! Whether something between here and the server hands its sessions around, a transaction at a time or even a statement.
//!
//! Under such a pooler the run lock belongs to nobody: it stays with a session of the pooler's, and others run with it. So
//! this is found out before any lock is taken, and only with what every pooler lets through.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage, error::SqlState};

use crate::{machine::Failure, postgres::fault};

/// How long all questions together may take. A pooler with fewer sessions than we have open transactions never answers.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How often all sessions are open in a transaction at once. Between two times the order changes, so that a pooler gives them
/// other sessions than before, whether it takes the one first that came back last or the one that waits longest.
const ROUNDS: usize = 3;

/// Makes sure that each of these sessions, which are outside of transactions, is one of the server's own.
///
/// # Errors
/// `backstop::preflight::pooler` where they are not, or what the server said.
pub async fn refuse_pooler(sessions: &[&Client]) -> Result<(), Failure> {
    match timeout(ANSWERED_WITHIN, each_is_its_own(sessions)).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Err(error)) if error.code() != Some(&SqlState::PROTOCOL_VIOLATION) => {
            Err(fault::failure("backstop::preflight::not_looked", &error))
        }
        // A pooler of statements calls it a violation of the protocol to begin a transaction.
        Ok(Ok(false) | Err(_)) | Err(_) => Err(refusal(address(sessions).await.as_deref())),
    }
}

/// The failure that a pooler amounts to, with the server's own address where that is known.
pub fn refusal(address: Option<&str>) -> Failure {
    let known = address.map(|address| format!(", which says that it answers at {address}")).unwrap_or_default();
    Failure::permanent(
        "backstop::preflight::pooler",
        "a pooler stands between here and the server that hands its sessions around between transactions",
    )
    .hint(format!(
        "Give the URL of the server itself{known}, or that of a pool in session mode: the run lock belongs to a session."
    ))
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
        for turn in 0..sessions.len() {
            let index = (turn + round) % sessions.len();
            let process = first_value(sessions[index], "BEGIN; SELECT pg_catalog.pg_backend_pid()").await?;
            each_kept_its_own &= process == processes[index];
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
    const ADDRESS: &str = "SELECT coalesce(pg_catalog.host(pg_catalog.inet_server_addr()),
                                           split_part(current_setting('unix_socket_directories'), ',', 1))
                                  || ':' || current_setting('port')";
    for session in sessions.iter().filter(|session| !session.is_closed()) {
        // An open transaction of the questions before would refuse this one.
        let _ = timeout(Duration::from_secs(1), session.batch_execute("ROLLBACK")).await;
        if let Ok(Ok(Some(address))) = timeout(Duration::from_secs(1), first_value(session, ADDRESS)).await {
            return Some(address);
        }
    }
    None
}

/// The simple protocol: a statement prepared in one session would be missing in the next one.
async fn first_value(session: &Client, sql: &str) -> Result<Option<String>, Error> {
    for message in session.simple_query(sql).await? {
        if let SimpleQueryMessage::Row(row) = message {
            return Ok(row.try_get(0)?.map(str::to_owned));
        }
    }
    Ok(None)
}
