//! Sessions, and what belongs to one.

use std::{
    future::poll_fn,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use deadpool_postgres::Object;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, SimpleQueryMessage};

use super::{
    attempt::{OpenedSession, said},
    cancel::CancelHandle,
    notice::{Inbox, Notices},
    open_sessions,
    options::{ConnectOptions, Endpoint, SessionAttributes},
    session_end::{EndState, SessionEnd},
    tls::Tls,
};

/// A session.
pub struct Connection {
    /// The driver's client. Statements are sent in the order of calls.
    pub client: Arc<SessionClient>,
    pub(super) line: SessionHandle,
    pub(super) liveness: OnceLock<WatchTask>,
}

/// A task that ends with the session that it watches.
#[derive(Debug)]
pub(super) struct WatchTask(pub(super) JoinHandle<()>);

impl Drop for WatchTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A client, of a session of its own or of one that goes back to its pool.
pub enum SessionClient {
    /// Dropping it ends the session.
    Own(Client),
    /// Dropping it gives the session back.
    Pooled(Object),
}

impl Deref for SessionClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        match self {
            SessionClient::Own(client) => client,
            SessionClient::Pooled(object) => object,
        }
    }
}

/// What belongs to a session beside its client; clones are of the same session.
#[derive(Clone)]
pub(super) struct SessionHandle {
    pub(super) cancel: CancelHandle,
    inbox: Arc<Inbox>,
    pub(super) end: SessionEnd,
    place: String,
    encrypted: bool,
}

impl SessionHandle {
    /// Waits until the session has ended.
    pub(super) async fn ended(self) {
        self.end.come().await;
    }
}

impl Connection {
    /// What cancels the statement that runs in this session; usable from other tasks, and as often as one likes.
    pub fn cancel(&self) -> CancelHandle {
        self.line.cancel.clone()
    }

    /// The server's notices since the last call. Those of a statement are there when its answer is.
    pub fn take_notices(&self) -> Notices {
        self.line.inbox.take()
    }

    /// Whether the session has ended; nothing more can be asked in it.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed() || self.line.end.is_there()
    }

    /// Waits until the session has ended and says why; none if it was ended from this side.
    pub async fn closed(&self) -> Option<String> {
        match self.line.end.come().await {
            EndState::Lost(why) => Some(why),
            EndState::Ours | EndState::NotYet => None,
        }
    }

    /// Where it leads to: `alice@db.example:5432/shop`.
    pub fn place(&self) -> &str {
        &self.line.place
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.line.encrypted
    }

    pub(super) fn watched(opened: OpenedSession, tls: &Tls, options: &ConnectOptions, endpoint: &Endpoint) -> Self {
        let OpenedSession { client, mut wire, encrypted } = opened;
        let inbox = Arc::new(Inbox::default());
        let end = SessionEnd::not_yet();
        let (letters, ended) = (Arc::clone(&inbox), end.clone());
        tokio::spawn(async move {
            let reading = async {
                loop {
                    match poll_fn(|context| wire.poll_message(context)).await {
                        Some(Ok(AsyncMessage::Notice(said))) => letters.put(said.into()),
                        Some(Ok(_)) => {}
                        Some(Err(error)) => break EndState::Lost(said(&error)),
                        None => break EndState::Ours,
                    }
                }
            };
            // Whoever gave the session up waits for no word of it any more.
            let given_up = ended.come();
            tokio::select! {
                how = reading => ended.put(how),
                _ = given_up => {}
            }
        });
        let cancel = CancelHandle {
            token: client.cancel_token(),
            tls: tls.clone(),
            options: Arc::new(options.clone()),
            endpoint: endpoint.clone(),
        };
        open_sessions::remember(&end, &cancel);
        let line = SessionHandle { cancel, inbox, end, place: options.place(endpoint), encrypted };
        Connection::joined(SessionClient::Own(client), line)
    }

    pub(super) fn joined(client: SessionClient, line: SessionHandle) -> Self {
        Connection { client: Arc::new(client), line, liveness: OnceLock::new() }
    }

    /// The parts of a session that nobody else holds; none of one that is watched or somebody's already.
    pub(super) fn into_parts(self) -> Option<(Client, SessionHandle)> {
        match Arc::into_inner(self.client) {
            Some(SessionClient::Own(client)) => Some((client, self.line)),
            Some(SessionClient::Pooled(_)) | None => None,
        }
    }

    /// Whether the session is of the kind that is wanted.
    pub(super) async fn is(&self, wanted: SessionAttributes) -> Result<bool, tokio_postgres::Error> {
        let (setting, expected) = match wanted {
            SessionAttributes::Any | SessionAttributes::PreferStandby => return Ok(true),
            SessionAttributes::ReadWrite => ("SHOW transaction_read_only", "off"),
            SessionAttributes::ReadOnly => ("SHOW transaction_read_only", "on"),
            SessionAttributes::Primary => ("SELECT pg_catalog.pg_is_in_recovery()", "f"),
            SessionAttributes::Standby => ("SELECT pg_catalog.pg_is_in_recovery()", "t"),
        };
        for message in self.client.simple_query(setting).await? {
            if let SimpleQueryMessage::Row(row) = message {
                return Ok(row.try_get(0)? == Some(expected));
            }
        }
        Ok(false)
    }
}
