//! The transaction that a step runs in.

use tokio_postgres::{Client, error::SqlState};

use crate::{
    machine::Failure,
    postgres::{
        error_class,
        fence::{self, Lets},
        session::{Lifetime, SessionSettings},
        transaction::BEGIN,
    },
};

const NOT_BEGUN: &str = "backstop::run::not_begun";

/// How often a ROLLBACK is tried that a late cancel request hits.
const ROLLBACKS_MAX: u32 = 5;

/// The transaction that a step runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Its own.
    Own,
    /// A savepoint in the plan's one.
    Savepoint,
}

impl Frame {
    /// Opens it, with the session's settings, announced to the run's fence.
    pub(super) async fn open(self, client: &Client, settings: &SessionSettings, run: &str) -> Result<(), Failure> {
        let begin = match self {
            Frame::Own => BEGIN,
            Frame::Savepoint => "SAVEPOINT backstop_step",
        };
        client.batch_execute(begin).await.map_err(|error| error_class::failure(NOT_BEGUN, &error))?;
        settings.apply(client, Lifetime::Transaction).await?;
        announce(client, run).await
    }

    /// Ends it so that nothing of it is there. A failure of this one is no other than the connection's, which is noticed at
    /// the next statement.
    pub(super) async fn roll_back(self, client: &Client) {
        let sql = match self {
            Frame::Own => "ROLLBACK",
            Frame::Savepoint => "ROLLBACK TO SAVEPOINT backstop_step; RELEASE SAVEPOINT backstop_step",
        };
        for _ in 0..ROLLBACKS_MAX {
            match client.batch_execute(sql).await {
                Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {}
                _ => return,
            }
        }
    }
}

/// Tells the run's fence whose session this is, until the transaction ends.
///
/// # Errors
/// As the fence's own.
pub async fn announce(client: &Client, run: &str) -> Result<(), Failure> {
    fence::announce(client, run, Lets::Transaction).await
}
