//! A connection that could not be made: where, why, and what next.

use std::fmt;

use super::{conninfo_error::ConninfoError, reason::Reason};
use crate::machine::Failure;

/// A connection that could not be made. It holds no secret.
#[derive(Debug, Clone)]
pub struct ConnectError {
    pub(super) reason: Reason,
    /// `alice@db.example:5432/shop`.
    pub(super) place: String,
    pub(super) names: ConnectionNames,
    /// What the server, the operating system or TLS said.
    pub(super) said: Option<String>,
    pub(super) sqlstate: Option<String>,
    /// What other servers, or the same with or without encryption, answered.
    pub(super) others: Vec<String>,
    pub(super) options: Option<Box<ConninfoError>>,
}

/// Who wanted to connect to what; help speaks of them.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionNames {
    pub user: String,
    pub database: String,
    pub host: String,
}

impl ConnectError {
    /// As far as it can be told apart: what to try again, and what to help with, hangs on it.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match &self.options {
            Some(error) => error.code(),
            None => self.reason.code(),
        }
    }

    /// Where: `alice@db.example:5432/shop`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The server's SQLSTATE, if it was the server that refused.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }

    /// What else was tried, one attempt a line.
    pub fn detail(&self) -> Option<String> {
        (!self.others.is_empty()).then(|| self.others.join("\n"))
    }

    /// What to do next.
    pub fn help(&self) -> String {
        if let Some(error) = &self.options {
            return error.help();
        }
        let ConnectionNames { user, database, host } = &self.names;
        match self.reason {
            Reason::Options => "Check the connection string and the files that it names.".to_owned(),
            Reason::NameNotFound => format!("Check the spelling of `{host}` and that this machine can look names up."),
            Reason::Refused => "Check host and port, that the server is running, and that `listen_addresses` covers this address.".to_owned(),
            Reason::TimedOut => format!("Check that `{host}` is the right host and that no firewall is in between; connect_timeout=SECONDS waits longer."),
            Reason::Unreachable => format!("Check this machine's network and its route to `{host}`."),
            Reason::SocketMissing => format!("Check that the server is running and has its socket in `{host}` (unix_socket_directories), or give a host to connect by TCP."),
            Reason::SocketForbidden => format!("Run this as a user who may use the sockets in `{host}` (unix_socket_permissions), or give a host to connect by TCP."),
            Reason::Dropped => "Check that a PostgreSQL server listens there, and read its log.".to_owned(),
            Reason::TlsNotOffered => "Switch TLS on in the server (`ssl = on`), or, on a network that you trust, use sslmode=prefer.".to_owned(),
            Reason::TlsUnknownAuthority => "Give the certificate of the authority that signed the server's with sslrootcert=FILE; if you did, this may be another server than you think.".to_owned(),
            Reason::TlsWrongHost => format!("Connect by a name that the certificate holds as a subject alternative name, or have `{host}` added to it; sslmode=verify-ca leaves the name out of account."),
            Reason::TlsOutdated => "Have the server's certificate renewed, and check this machine's clock.".to_owned(),
            Reason::TlsRefusedByServer => "Give a client certificate that the server trusts with sslcert=FILE and sslkey=FILE.".to_owned(),
            Reason::TlsFailed => "Read the server's log; both sides need TLS 1.2 or newer and a certificate of X.509 version 3.".to_owned(),
            Reason::WrongPassword => format!("Check the password of role `{user}`: in the connection string, in PGPASSWORD, or in the password file (~/.pgpass)."),
            Reason::PasswordMissing => format!("Give the password of role `{user}` in PGPASSWORD, in the password file (~/.pgpass), or in the connection string."),
            Reason::AuthenticationFailed => "Use a method that this program knows: password, md5, SCRAM-SHA-256 or client certificates; channel_binding=require needs TLS and SCRAM-SHA-256.".to_owned(),
            Reason::NoHbaEntry => format!("Add a line for role `{user}`, database `{database}` and this machine's address to the server's pg_hba.conf and reload it; a `hostssl` line needs sslmode=require or stronger here, one that ends with `cert` a client certificate (sslcert, sslkey)."),
            Reason::RoleRefused => format!("Check that role `{user}` exists and may log in, and that pg_hba.conf lets it in this way."),
            Reason::UnknownDatabase => format!("Check the name, `psql -l` lists what is there, or create it: CREATE DATABASE \"{}\".", database.replace('"', "\"\"")),
            Reason::NotPermitted => format!("Let the role in: GRANT CONNECT ON DATABASE \"{}\" TO \"{}\".", database.replace('"', "\"\""), user.replace('"', "\"\"")),
            Reason::StartingUp => "Wait until the server is ready, then try again.".to_owned(),
            Reason::TooManyConnections => "Wait, close sessions that nobody needs, or raise the limit (max_connections, or that of the role or database). A run needs 3 sessions at once.".to_owned(),
            Reason::OtherSessionWanted => "Name a server that is of that kind, or change target_session_attrs.".to_owned(),
            Reason::SessionsShared => "Give the URL of the server itself, or that of a pool in session mode: the run lock and all settings belong to a session.".to_owned(),
            Reason::Server => "Read the server's message; its log says more.".to_owned(),
            Reason::OptionsRefused => "Leave `options` (PGOPTIONS) out of the connection string, or give the address of the server itself: a pooler takes no startup options.".to_owned(),
            Reason::Protocol => "Check that a PostgreSQL server, and nothing else, listens there.".to_owned(),
        }
    }

    fn what(&self) -> &'static str {
        match self.reason {
            Reason::Options => "the options can't be used",
            Reason::NameNotFound => "the host's name is not known",
            Reason::Refused => "nothing listens there",
            Reason::TimedOut => "there was no answer in time",
            Reason::Unreachable => "there is no way to the host",
            Reason::SocketMissing => "there is no such socket",
            Reason::SocketForbidden => "the socket may not be used by this user",
            Reason::Dropped => "the connection broke off",
            Reason::TlsNotOffered => "the server does not offer TLS",
            Reason::TlsUnknownAuthority => "no trusted authority vouches for the server's certificate",
            Reason::TlsWrongHost => "the server's certificate is for another host",
            Reason::TlsOutdated => "the server's certificate is not valid now",
            Reason::TlsRefusedByServer => "the server refused the TLS handshake",
            Reason::TlsFailed => "the TLS handshake failed",
            Reason::WrongPassword => "the password is wrong",
            Reason::PasswordMissing => "the server asks for a password, and none is given",
            Reason::AuthenticationFailed => "logging in failed",
            Reason::NoHbaEntry => "the server lets nobody in this way",
            Reason::RoleRefused => "the server does not let the role in",
            Reason::UnknownDatabase => "the database does not exist",
            Reason::NotPermitted => "the role may not connect to the database",
            Reason::StartingUp => "the server is starting up or shutting down",
            Reason::TooManyConnections => "all of the server's connections are taken",
            Reason::OtherSessionWanted => "the server is not of the kind that target_session_attrs asks for",
            Reason::SessionsShared => {
                "a pooler stands between here and the server that hands its sessions around between transactions"
            }
            Reason::Server => "the server refused",
            Reason::OptionsRefused => "startup options are refused there",
            Reason::Protocol => "the answer was not understood",
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.options {
            return error.fmt(f);
        }
        write!(f, "can't connect to {}: {}", self.place, self.what())?;
        match &self.said {
            Some(said) => write!(f, " ({said})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConnectError {}

impl From<ConninfoError> for ConnectError {
    fn from(error: ConninfoError) -> Self {
        ConnectError {
            reason: Reason::Options,
            place: String::new(),
            names: ConnectionNames::default(),
            said: None,
            sqlstate: None,
            others: Vec::new(),
            options: Some(Box::new(error)),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Failure {
            code: error.code().to_owned(),
            class: error.reason.class(),
            message: error.to_string(),
            detail: error.detail(),
            hint: Some(error.help()),
            sqlstate: error.sqlstate,
        }
    }
}
