//! Sessions: opened, watched, cancelled.

use std::{
    future::poll_fn,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};

use deadpool_postgres::Object;

use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, CancelToken, Client, SimpleQueryMessage};

use super::{
    attempt::{Attempt, Opened, failed, said},
    connect_error::ConnectError,
    liveness::Liveness,
    notice::{Inbox, Notices},
    open_sessions,
    options::{ConnectOptions, Endpoint, HostName, HostOrder, SessionAttributes},
    pinned,
    reason::{Circumstances, Reason, TlsWanted},
    tls::Tls,
};

/// A request to cancel is a connection of its own, which must not hang where the server is gone.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens a session on the first server that can be reached and is of the kind that is wanted.
///
/// `application_name` is what `pg_stat_activity` shows; where the user gave a name too, both are shown. Dropping the
/// connection ends the session.
///
/// # Errors
/// When no server can be reached, or one refuses.
pub async fn connect(options: &ConnectOptions, application_name: &str) -> Result<Connection, ConnectError> {
    let options = &options.renewed();
    let name = match &options.application_name {
        Some(given) if application_name.is_empty() => given.clone(),
        Some(given) => format!("{application_name} for {given}"),
        None => application_name.to_owned(),
    };
    let search = Search { options, application_name: &name, tls: &Tls::new(&options.tls)? };
    // Too large to have their place in every effect that may have to connect again.
    match options.session {
        SessionAttributes::PreferStandby => match Box::pin(search.run(SessionAttributes::Standby)).await {
            Ok(connection) => Ok(connection),
            Err(_) => Box::pin(search.run(SessionAttributes::Any)).await,
        },
        wanted => Box::pin(search.run(wanted)).await,
    }
}

/// A session.
pub struct Connection {
    /// The driver's client. Statements are sent in the order of calls.
    pub client: Arc<SessionClient>,
    line: Line,
    liveness: OnceLock<Liveness>,
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
pub(super) struct Line {
    cancel: Cancel,
    inbox: Arc<Inbox>,
    end: End,
    place: String,
    encrypted: bool,
}

#[derive(Debug, Clone)]
enum Ending {
    NotYet,
    Ours,
    Lost(String),
}

impl Line {
    /// Waits until the session has ended.
    pub(super) async fn ended(self) {
        self.end.come().await;
    }
}

/// How a session ended; clones are of the same session.
#[derive(Debug, Clone)]
pub(super) struct End(Arc<watch::Sender<Ending>>);

impl End {
    pub(super) fn is_there(&self) -> bool {
        !matches!(*self.0.borrow(), Ending::NotYet)
    }

    /// The first end stays.
    fn put(&self, ending: Ending) {
        self.0.send_if_modified(|now| {
            let is_first = matches!(now, Ending::NotYet);
            if is_first {
                *now = ending;
            }
            is_first
        });
    }

    /// Gives the session up: whoever waits for an answer in it is told that the connection is closed.
    pub(super) fn lost(&self, why: impl Into<String>) {
        self.put(Ending::Lost(why.into()));
    }

    async fn come(&self) -> Ending {
        let mut ending = self.0.subscribe();
        match ending.wait_for(|ending| !matches!(ending, Ending::NotYet)).await {
            Ok(ending) => ending.clone(),
            // The sender lives as long as this does.
            Err(_) => Ending::Lost("the connection's task was stopped".to_owned()),
        }
    }
}

impl Connection {
    /// What cancels the statement that runs in this session; usable from other tasks, and as often as one likes.
    pub fn cancel(&self) -> Cancel {
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
            Ending::Lost(why) => Some(why),
            Ending::Ours | Ending::NotYet => None,
        }
    }

    /// From now on the session counts as lost where the server does not answer in it and a second session finds that no
    /// statement runs there, or can't be opened. For sessions that are the server's own: a pooler that hands them around answers
    /// for another one.
    ///
    /// # Errors
    /// What the server said when it was asked which process it is.
    pub async fn watch_over(&self) -> Result<(), tokio_postgres::Error> {
        let pid: i32 = self.client.query_one("SELECT pg_catalog.pg_backend_pid()", &[]).await?.try_get(0)?;
        self.liveness.get_or_init(|| Liveness::begin(&self.client, self.line.end.clone(), &self.line.cancel.options, pid));
        Ok(())
    }

    /// Where it leads to: `alice@db.example:5432/shop`.
    pub fn place(&self) -> &str {
        &self.line.place
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.line.encrypted
    }

    pub(super) fn watched(opened: Opened, tls: &Tls, options: &ConnectOptions, endpoint: &Endpoint) -> Self {
        let Opened { client, mut wire, encrypted } = opened;
        let inbox = Arc::new(Inbox::default());
        let end = End(Arc::new(watch::channel(Ending::NotYet).0));
        let (letters, ended) = (Arc::clone(&inbox), end.clone());
        tokio::spawn(async move {
            let reading = async {
                loop {
                    match poll_fn(|context| wire.poll_message(context)).await {
                        Some(Ok(AsyncMessage::Notice(said))) => letters.put(said.into()),
                        Some(Ok(_)) => {}
                        Some(Err(error)) => break Ending::Lost(said(&error)),
                        None => break Ending::Ours,
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
        let cancel = Cancel {
            token: client.cancel_token(),
            tls: tls.clone(),
            options: Arc::new(options.clone()),
            endpoint: endpoint.clone(),
        };
        open_sessions::remember(&end, &cancel);
        let line = Line { cancel, inbox, end, place: options.place(endpoint), encrypted };
        Connection::joined(SessionClient::Own(client), line)
    }

    pub(super) fn joined(client: SessionClient, line: Line) -> Self {
        Connection { client: Arc::new(client), line, liveness: OnceLock::new() }
    }

    /// The parts of a session that nobody else holds; none of one that is watched or somebody's already.
    pub(super) fn into_parts(self) -> Option<(Client, Line)> {
        match Arc::into_inner(self.client) {
            Some(SessionClient::Own(client)) => Some((client, self.line)),
            Some(SessionClient::Pooled(_)) | None => None,
        }
    }

    /// Whether the session is of the kind that is wanted.
    async fn is(&self, wanted: SessionAttributes) -> Result<bool, tokio_postgres::Error> {
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

/// What cancels the statement that runs in a session.
#[derive(Clone)]
pub struct Cancel {
    token: CancelToken,
    tls: Tls,
    options: Arc<ConnectOptions>,
    endpoint: Endpoint,
}

impl Cancel {
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

/// The servers of the options, tried in order.
struct Search<'a> {
    options: &'a ConnectOptions,
    application_name: &'a str,
    tls: &'a Tls,
}

impl Search<'_> {
    async fn run(&self, wanted: SessionAttributes) -> Result<Connection, ConnectError> {
        let mut misses: Vec<ConnectError> = Vec::new();
        for endpoint in self.in_order() {
            let addresses = match self.addresses(endpoint).await {
                Ok(addresses) => addresses,
                Err(error) => {
                    misses.push(error);
                    continue;
                }
            };
            for address in addresses {
                match self.one(endpoint, address, wanted).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) if error.reason.leads_to_next_server() => misses.push(error),
                    Err(error) => return Err(with_others(error, misses)),
                }
            }
        }
        match misses.pop() {
            Some(last) => Err(with_others(last, misses)),
            // Options always name a server; without one there is nothing to say but this.
            None => Err(super::conninfo_error::ConninfoError::Conflict("no host is given").into()),
        }
    }

    async fn one(
        &self,
        endpoint: &Endpoint,
        address: Option<IpAddr>,
        wanted: SessionAttributes,
    ) -> Result<Connection, ConnectError> {
        let Search { options, application_name, tls } = *self;
        let attempt = Attempt { options, endpoint, address, application_name, tls, pinned: true };
        let connection = pinned::open(&attempt).await?;
        match connection.is(wanted).await {
            Ok(true) => Ok(connection),
            Ok(false) => Err(failed(options, endpoint, Reason::OtherSessionWanted, None)),
            Err(error) => Err(failed(options, endpoint, Reason::Dropped, Some(error.to_string()))),
        }
    }

    fn in_order(&self) -> Vec<&Endpoint> {
        let mut endpoints: Vec<&Endpoint> = self.options.endpoints.iter().collect();
        if self.options.order == HostOrder::Random {
            shuffle(&mut endpoints);
        }
        endpoints
    }

    /// The addresses of a server; none for a socket.
    async fn addresses(&self, endpoint: &Endpoint) -> Result<Vec<Option<IpAddr>>, ConnectError> {
        let name = match (&endpoint.host, endpoint.address) {
            (HostName::Socket(_), _) => return Ok(vec![None]),
            (HostName::Tcp(_), Some(address)) => return Ok(vec![Some(address)]),
            (HostName::Tcp(name), None) => name.as_str(),
        };
        let looking = tokio::net::lookup_host((name, endpoint.port));
        let found = match self.options.timeout {
            Some(limit) => tokio::time::timeout(limit, looking).await.unwrap_or_else(|late| Err(late.into())),
            None => looking.await,
        };
        let failed = |said: Option<String>| failed(self.options, endpoint, Reason::NameNotFound, said);
        let mut addresses: Vec<IpAddr> =
            found.map_err(|error| failed(Some(error.to_string())))?.map(|address| address.ip()).collect();
        if addresses.is_empty() {
            return Err(failed(None));
        }
        if self.options.order == HostOrder::Random {
            shuffle(&mut addresses);
        }
        Ok(addresses.into_iter().map(Some).collect())
    }
}

fn with_others(mut error: ConnectError, misses: Vec<ConnectError>) -> ConnectError {
    error.others.extend(misses.iter().map(ToString::to_string));
    error.others.dedup();
    error
}

/// Orders at random; the standard library's randomly keyed hasher is chance enough to spread load.
fn shuffle<T>(items: &mut [T]) {
    use std::hash::{BuildHasher, RandomState};

    let chance = RandomState::new();
    for last in (1..items.len()).rev() {
        let bound = last as u64 + 1;
        let other = usize::try_from(chance.hash_one(last) % bound).unwrap_or(last);
        items.swap(last, other);
    }
}
