//! COMMIT, and what its failure means.

use tokio_postgres::Client;

use crate::{machine::Failure, postgres::error_class};

/// What became of a COMMIT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Yes,
    /// The server refused: a deferred constraint, for instance. It is rolled back.
    No(Failure),
    /// The connection was lost while it was on its way.
    InDoubt(Failure),
}

/// Commits the open transaction.
pub async fn commit(client: &Client) -> Committed {
    match client.batch_execute("COMMIT").await {
        Ok(()) => Committed::Yes,
        Err(error) => {
            let failure = error_class::failure("backstop::run::not_committed", &error);
            // A backend that is told to go while it waits for its standbys has committed all the same.
            if error_class::is_connection_lost(&error) { Committed::InDoubt(failure) } else { Committed::No(failure) }
        }
    }
}
