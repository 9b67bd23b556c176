//! Requests to cancel what runs in a session.

use std::{sync::Arc, time::Duration};

use tokio_postgres::CancelToken;

use super::{
    attempt::{failed, said},
    connect_error::ConnectError,
    options::{ConnectOptions, Endpoint},
    reason::{Circumstances, Reason, TlsWanted},
    tls::Tls,
};

/// A request to cancel is a connection of its own, which must not hang where the server is gone.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// What cancels the statement that runs in a session.
#[derive(Clone)]
pub struct CancelHandle {
    pub(super) token: CancelToken,
    pub(super) tls: Tls,
    pub(super) options: Arc<ConnectOptions>,
    pub(super) endpoint: Endpoint,
}

impl CancelHandle {
    /// Asks the server to cancel what runs in the session. The statement then fails with SQLSTATE 57014, unless it had just
    /// finished.
    ///
    /// # Errors
    /// When the server can't be reached within ten seconds.
    pub async fn cancel(&self) -> Result<(), ConnectError> {
        let tls = self.tls.afresh();
        let asking = tokio::time::timeout(CANCEL_TIMEOUT, self.token.cancel_query(tls.clone()));
        let (reason, said) = match asking.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => {
                let circumstances = Circumstances {
                    tls: TlsWanted::No,
                    handshake_begun: tls.has_begun(),
                    password_given: true,
                    options_given: false,
                };
                (Reason::of(&error, circumstances), Some(said(&error)))
            }
            Err(_) => (Reason::TimedOut, None),
        };
        Err(failed(&self.options, &self.endpoint, reason, said))
    }
}
