//! Whether something between here and the server hands its sessions around.
//!
//! Under such a pooler the run lock belongs to nobody: it stays with a session of the pooler's, and others run with it. So
//! this is found out before any lock is taken.

use tokio_postgres::Client;

use crate::{
    machine::Failure,
    postgres::{
        connection::{Sharing, sharing},
        error_class,
    },
};

/// Makes sure that each of these sessions, which are outside of transactions, is one of the server's own.
///
/// # Errors
/// `backstop::preflight::pooler` where they are not, or what the server said.
pub async fn refuse_pooler(sessions: &[&Client]) -> Result<(), Failure> {
    match sharing(sessions).await {
        Ok(Sharing::Own) => Ok(()),
        Ok(Sharing::Shared { address }) => Err(refusal(address.as_deref())),
        Err(error) => Err(error_class::failure("backstop::preflight::not_looked", &error)),
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
        "Give the URL of the server itself{known}, or that of a pool in session mode: the run lock and all settings belong to a \
         session."
    ))
}
