//! Where to connect and how, resolved: nothing is left to look up but names of hosts.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A secret: neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Password(text.into())
    }

    /// The text, for the driver only.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(...)")
    }
}

/// How a server is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostName {
    /// A name or an address, reached by TCP.
    Tcp(String),
    /// The directory in which the server's socket stands.
    Socket(PathBuf),
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostName::Tcp(name) if name.contains(':') => write!(f, "[{name}]"),
            HostName::Tcp(name) => f.write_str(name),
            HostName::Socket(directory) => write!(f, "{}", directory.display()),
        }
    }
}

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name, against which a certificate is verified.
    pub host: HostName,
    /// Its address where that is given, so that no name is looked up.
    pub address: Option<IpAddr>,
    /// The port; for a socket, the number in its name.
    pub port: u16,
    /// The password for it, from the connection string, the environment or the password file.
    pub password: Option<Password>,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// How much of TLS is asked for, as libpq means it
/// (<https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never.
    Disable,
    /// Only where the server refuses without.
    Allow,
    /// Where the server offers it.
    Prefer,
    /// Always; the certificate is verified only where a root certificate is there.
    Require,
    /// Always, and the certificate must come from a trusted authority.
    VerifyCa,
    /// Always, and the certificate must come from a trusted authority and name the host.
    VerifyFull,
}

impl SslMode {
    /// As it is written in a connection string.
    pub fn name(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}

/// What the session must be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAttributes {
    /// Anything.
    Any,
    /// Write.
    ReadWrite,
    /// Not write.
    ReadOnly,
    /// Be on a primary server.
    Primary,
    /// Be on a standby.
    Standby,
    /// Be on a standby if there is one.
    PreferStandby,
}

/// In which order several servers are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostOrder {
    AsGiven,
    Random,
}

/// Everything that TLS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsOptions {
    pub mode: SslMode,
    /// The authorities that are trusted; without, nothing is verified.
    pub root: Option<PathBuf>,
    pub revoked: Option<PathBuf>,
    pub client: Option<ClientCertificate>,
    pub negotiation: tokio_postgres::config::SslNegotiation,
    pub server_name: ServerName,
    pub oldest: TlsVersion,
    pub newest: TlsVersion,
}

/// A certificate of ours with its private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClientCertificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Whether the server is told by which name it was asked for (SNI).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerName {
    Told,
    Untold,
}

/// Versions of TLS that are still safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TlsVersion {
    V1_2,
    V1_3,
}

/// How a dead peer is noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Liveness {
    /// None: no keepalive probes.
    pub keepalive: Option<Keepalive>,
    /// How long sent data may stay unacknowledged; none leaves it to the system.
    pub unacknowledged: Option<Duration>,
}

/// Keepalive probes of TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keepalive {
    pub idle: Duration,
    pub interval: Duration,
    pub count: u32,
}

/// Reads the connection string and the files that it names again; none where that can't be done at this moment.
pub type OptionsSource = dyn Fn() -> Option<ConnectOptions> + Send + Sync;

/// Where options come from, if they may change while a program runs: passwords and tokens are renewed in files.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    pub(super) source: Option<Arc<OptionsSource>>,
    /// The database that is meant instead of the source's.
    database: Option<String>,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.source.is_some() { "Renewal(...)" } else { "Renewal(none)" })
    }
}

/// Where to connect and how.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) order: HostOrder,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) tls: TlsOptions,
    pub(super) channel_binding: tokio_postgres::config::ChannelBinding,
    pub(super) session: SessionAttributes,
    pub(super) server_options: Option<String>,
    pub(super) application_name: Option<String>,
    /// For each address; none waits for ever.
    pub(super) timeout: Option<Duration>,
    pub(super) liveness: Liveness,
    pub(super) warnings: Vec<String>,
    pub(super) renewal: Renewal,
}

impl ConnectOptions {
    /// The same, asked of this source again for every further session: the string itself may stand in a file.
    pub fn renewed_by(mut self, source: Arc<OptionsSource>) -> Self {
        self.renewal.source = Some(source);
        self
    }

    /// What the source says now. Where it can't be read at this moment, as in the middle of its renewal, what it said before.
    pub(super) fn renewed(&self) -> Self {
        let Some(now) = self.renewal.source.as_ref().and_then(|source| source()) else { return self.clone() };
        let database = self.renewal.database.clone().unwrap_or_else(|| now.database.clone());
        ConnectOptions { database, renewal: self.renewal.clone(), ..now }
    }

    /// The same server, role and way with another database.
    pub fn with_database(&self, name: &str) -> Self {
        let renewal = Renewal { database: Some(name.to_owned()), ..self.renewal.clone() };
        ConnectOptions { database: name.to_owned(), renewal, ..self.clone() }
    }

    /// The same with sessions in which the server refuses to write, by a startup option, which no `RESET` takes back.
    pub fn read_only(&self) -> Self {
        let mut options = self.for_looking();
        let given = options.server_options.take().map(|given| given + " ").unwrap_or_default();
        // The last one of several counts.
        options.server_options = Some(given + "-c default_transaction_read_only=on");
        options
    }

    /// The same for sessions that write nothing: where one that can write is asked for, a primary server is what is meant.
    pub fn for_looking(&self) -> Self {
        let mut options = ConnectOptions { renewal: Renewal::default(), ..self.renewed() };
        if options.session == SessionAttributes::ReadWrite {
            options.session = SessionAttributes::Primary;
        }
        options
    }

    /// The servers, in the order in which they are tried.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The role that logs in, before any `SET ROLE`.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Its name; that of the role where none was given, as with libpq.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// How much of TLS is asked for.
    pub fn ssl_mode(&self) -> SslMode {
        self.tls.mode
    }

    /// What was left out of account and why, a password file that others can read for instance. For people.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where one of the servers stands: `alice@db.example:5432/shop`.
    pub(super) fn place(&self, endpoint: &Endpoint) -> String {
        format!("{}@{endpoint}/{}", self.user, self.database)
    }
}

/// Without any secret: `alice@db.example:5432/shop`.
impl fmt::Display for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<String> = self.endpoints.iter().map(Endpoint::to_string).collect();
        write!(f, "{}@{}/{}", self.user, servers.join(","), self.database)
    }
}

/// A host of a connection string: a path is the directory of a socket.
pub(super) fn host_name(text: &str) -> HostName {
    if text.starts_with('/') { HostName::Socket(Path::new(text).to_owned()) } else { HostName::Tcp(text.to_owned()) }
}
