//! One address, with and without encryption as the mode says.

use std::{net::IpAddr, time::Duration};

use tokio_postgres::{Client, Config, Socket, config::SslMode as DriverMode};

use super::{
    connect_error::{ConnectError, ConnectionNames},
    options::{ConnectOptions, Endpoint, HostName, SslMode},
    pinned_path,
    reason::{Circumstances, Reason, TlsWanted},
    tls::{Tls, TlsStream},
};

/// Both halves of a session that has been made.
pub(super) struct OpenedSession {
    pub client: Client,
    pub wire: tokio_postgres::Connection<Socket, TlsStream>,
    pub encrypted: bool,
}

/// One address of one server.
pub(super) struct ConnectAttempt<'a> {
    pub options: &'a ConnectOptions,
    pub endpoint: &'a Endpoint,
    pub address: Option<IpAddr>,
    pub application_name: &'a str,
    pub tls: &'a Tls,
    /// Whether the search path is pinned, and limits of time are lifted, by startup options.
    pub pinned: bool,
    /// Limits of time that are lifted by startup options, too, and that not every version knows.
    pub lifted: &'a [&'static str],
}

impl ConnectAttempt<'_> {
    /// Tries the address; where the mode leaves the choice, a second time the other way
    /// (<https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS>).
    pub async fn open(&self) -> Result<OpenedSession, ConnectError> {
        match self.mode() {
            SslMode::Disable => self.once(DriverMode::Disable).await.map_err(|miss| miss.error),
            SslMode::Allow => match self.once(DriverMode::Disable).await {
                Err(plain) if plain.error.sqlstate.is_some() => self.encrypted_after(plain.error).await,
                other => other.map_err(|miss| miss.error),
            },
            SslMode::Prefer => match self.once(DriverMode::Prefer).await {
                Err(miss) if miss.encrypted && (miss.error.sqlstate.is_some() || miss.error.reason.is_tls()) => {
                    self.plain_after(miss.error).await
                }
                other => other.map_err(|miss| miss.error),
            },
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                self.once(DriverMode::Require).await.map_err(|miss| miss.error)
            }
        }
    }

    /// Sockets are never encrypted.
    fn mode(&self) -> SslMode {
        match self.endpoint.host {
            HostName::Socket(_) => SslMode::Disable,
            HostName::Tcp(_) => self.options.tls.mode,
        }
    }

    async fn encrypted_after(&self, plain: ConnectError) -> Result<OpenedSession, ConnectError> {
        match self.once(DriverMode::Require).await {
            Ok(opened) => Ok(opened),
            Err(miss) if miss.error.reason == Reason::TlsNotOffered => Err(plain),
            Err(miss) => Err(joined(miss.error, "without TLS", &plain)),
        }
    }

    /// The encrypted attempt's error says more: the plain one often only adds that the server wants encryption.
    async fn plain_after(&self, encrypted: ConnectError) -> Result<OpenedSession, ConnectError> {
        match self.once(DriverMode::Disable).await {
            Ok(opened) => Ok(opened),
            Err(miss) => Err(joined(encrypted, "without TLS", &miss.error)),
        }
    }

    async fn once(&self, mode: DriverMode) -> Result<OpenedSession, Miss> {
        let tls = self.tls.afresh();
        let config = self.config(mode);
        let opening = config.connect(tls.clone());
        // The driver's own limit is for the socket only; a server that accepts and then says nothing must not hang us.
        let outcome = match self.options.timeout {
            Some(limit) => tokio::time::timeout(limit, opening).await.map_err(|_| limit),
            None => Ok(opening.await),
        };
        let encrypted = tls.has_begun();
        match outcome {
            Ok(Ok((client, wire))) => Ok(OpenedSession { client, wire, encrypted }),
            Ok(Err(error)) => Err(Miss { error: self.explain(&error, mode, encrypted), encrypted }),
            Err(limit) => Err(Miss { error: self.timed_out(limit), encrypted }),
        }
    }

    fn config(&self, mode: DriverMode) -> Config {
        let ConnectOptions { user, database, tls, channel_binding, liveness, server_options, .. } = self.options;
        let mut config = Config::new();
        match &self.endpoint.host {
            HostName::Tcp(name) => config.host(name),
            HostName::Socket(directory) => config.host_path(directory),
        };
        if let Some(address) = self.address {
            config.hostaddr(address);
        }
        config.port(self.endpoint.port).user(user).dbname(database).application_name(self.application_name);
        if let Some(password) = &self.endpoint.password {
            config.password(password.reveal());
        }
        // Of several the last one counts.
        let ours = if self.pinned { pinned_path::options(self.lifted) } else { Vec::new() };
        let options: Vec<String> = server_options.iter().cloned().chain(ours).collect();
        if !options.is_empty() {
            config.options(options.join(" "));
        }
        config.ssl_mode(mode).channel_binding(*channel_binding);
        // A plain second attempt never begins with a handshake.
        if mode == DriverMode::Require {
            config.ssl_negotiation(tls.negotiation);
        }
        if let Some(limit) = self.options.timeout {
            config.connect_timeout(limit);
        }
        if let Some(limit) = liveness.unacknowledged {
            config.tcp_user_timeout(limit);
        }
        config.keepalives(liveness.keepalive.is_some());
        if let Some(keepalive) = &liveness.keepalive {
            config
                .keepalives_idle(keepalive.idle)
                .keepalives_interval(keepalive.interval)
                .keepalives_retries(keepalive.count);
        }
        config
    }

    fn explain(&self, error: &tokio_postgres::Error, mode: DriverMode, encrypted: bool) -> ConnectError {
        let wanted = match mode {
            DriverMode::Disable => TlsWanted::No,
            DriverMode::Require => TlsWanted::Yes,
            _ => TlsWanted::IfOffered,
        };
        let circumstances = Circumstances {
            tls: wanted,
            handshake_begun: encrypted,
            password_given: self.endpoint.password.is_some(),
            options_given: self.options.server_options.is_some(),
        };
        let reason = Reason::of(error, circumstances);
        let sqlstate = error.code().map(|state| state.code().to_owned());
        ConnectError { sqlstate, ..self.error(reason, Some(said(error))) }
    }

    fn timed_out(&self, limit: Duration) -> ConnectError {
        self.error(Reason::TimedOut, Some(format!("waited {} s", limit.as_secs())))
    }

    fn error(&self, reason: Reason, said: Option<String>) -> ConnectError {
        failed(self.options, self.endpoint, reason, said)
    }
}

/// What the server said, else what lies behind the driver's error, which by itself only names the kind.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(source)) => source.to_string(),
        (None, None) => error.to_string(),
    }
}

/// An error about one server.
pub(super) fn failed(options: &ConnectOptions, endpoint: &Endpoint, reason: Reason, said: Option<String>) -> ConnectError {
    ConnectError {
        reason,
        place: options.place(endpoint),
        names: ConnectionNames {
            user: options.user.clone(),
            database: options.database.clone(),
            host: endpoint.host.to_string(),
        },
        said,
        sqlstate: None,
        others: Vec::new(),
        options: None,
    }
}

/// A failed attempt, and whether it was encrypted.
struct Miss {
    error: ConnectError,
    encrypted: bool,
}

fn joined(mut main: ConnectError, how: &str, other: &ConnectError) -> ConnectError {
    if main.reason != other.reason {
        main.others.push(format!("{how}: {other}"));
    }
    main
}
