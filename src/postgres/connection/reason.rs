//! Why a connection failed, told by types and SQLSTATEs.

use std::{error::Error as _, io};

use rustls::CertificateError;
use tokio_postgres::{
    Error,
    error::{DbError, SqlState},
};

use super::verifier;
use crate::machine::FailureClass;

/// Why a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The options themselves: a certificate file that can't be read, for instance.
    Options,
    /// The host's name leads nowhere.
    NameNotFound,
    /// Nothing listens there.
    Refused,
    /// No answer within the time.
    TimedOut,
    /// No way to the network or host.
    Unreachable,
    /// There is no such socket.
    SocketMissing,
    /// The socket may not be used by this user.
    SocketForbidden,
    /// The connection broke while it was being made.
    Dropped,
    /// TLS is asked for, and the server has none.
    TlsNotOffered,
    /// No trusted authority vouches for the server's certificate.
    TlsUnknownAuthority,
    /// The server's certificate names another host.
    TlsWrongHost,
    /// The server's certificate is expired, not valid yet, or revoked.
    TlsOutdated,
    /// The server refused the handshake: a client certificate is missing or not believed.
    TlsRefusedByServer,
    /// The handshake failed otherwise.
    TlsFailed,
    /// The password is wrong (28P01).
    WrongPassword,
    /// The server wants a password, and there is none.
    PasswordMissing,
    /// Logging in failed otherwise: an unknown method, channel binding.
    AuthenticationFailed,
    /// No line of `pg_hba.conf` lets this role, database and address in (28000).
    NoHbaEntry,
    /// The role does not exist or may not log in (28000).
    RoleRefused,
    /// There is no such database (3D000).
    UnknownDatabase,
    /// The role may not connect to the database (42501).
    NotPermitted,
    /// The server is starting up or shutting down (57P03, 57P01).
    StartingUp,
    /// All connections are taken (53300).
    TooManyConnections,
    /// The server is not of the kind that `target_session_attrs` asks for.
    OtherSessionWanted,
    /// A pooler hands its sessions around between transactions.
    SessionsShared,
    /// The server said something else.
    Server,
    /// The server, or rather a pooler in front of it, takes no startup options (08P01).
    OptionsRefused,
    /// The two sides don't understand each other.
    Protocol,
}

/// What is known of an attempt beside the driver's error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    pub tls: TlsWanted,
    pub handshake_begun: bool,
    pub password_given: bool,
    pub options_given: bool,
}

/// Whether the driver was told to go on without TLS if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsWanted {
    No,
    IfOffered,
    Yes,
}

impl Reason {
    /// What a driver's error means.
    pub(super) fn of(error: &Error, circumstances: Circumstances) -> Reason {
        if let Some(said) = error.as_db_error() {
            return match Reason::of_server(said) {
                Reason::Protocol if circumstances.options_given => Reason::OptionsRefused,
                reason => reason,
            };
        }
        if let Some(error) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            return Reason::of_io(error);
        }
        if error.is_closed() {
            return Reason::Dropped;
        }
        // What remains comes from the driver itself, in the order of the conversation: TLS, then logging in.
        match circumstances {
            Circumstances { tls: TlsWanted::Yes, handshake_begun: false, .. } => Reason::TlsNotOffered,
            Circumstances { password_given: false, .. } => Reason::PasswordMissing,
            Circumstances { password_given: true, .. } => Reason::AuthenticationFailed,
        }
    }

    fn of_server(said: &DbError) -> Reason {
        const STATES: [(&SqlState, Reason); 8] = [
            (&SqlState::INVALID_PASSWORD, Reason::WrongPassword),
            (&SqlState::INVALID_CATALOG_NAME, Reason::UnknownDatabase),
            (&SqlState::INSUFFICIENT_PRIVILEGE, Reason::NotPermitted),
            (&SqlState::CANNOT_CONNECT_NOW, Reason::StartingUp),
            (&SqlState::ADMIN_SHUTDOWN, Reason::StartingUp),
            (&SqlState::CRASH_SHUTDOWN, Reason::StartingUp),
            (&SqlState::TOO_MANY_CONNECTIONS, Reason::TooManyConnections),
            (&SqlState::PROTOCOL_VIOLATION, Reason::Protocol),
        ];
        // 28000 stands for both; the server's source routine, unlike its text, is the same in all languages.
        if said.code() == &SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            let by_hba = said.routine() == Some("ClientAuthentication");
            return if by_hba { Reason::NoHbaEntry } else { Reason::RoleRefused };
        }
        STATES.iter().find(|(state, _)| *state == said.code()).map_or(Reason::Server, |(_, reason)| *reason)
    }

    pub(super) fn of_io(error: &io::Error) -> Reason {
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Reason::of_tls(error);
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Reason::Refused,
            io::ErrorKind::TimedOut => Reason::TimedOut,
            io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => Reason::Unreachable,
            io::ErrorKind::NotFound => Reason::SocketMissing,
            io::ErrorKind::PermissionDenied => Reason::SocketForbidden,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::Protocol,
            _ => Reason::Dropped,
        }
    }

    fn of_tls(error: &rustls::Error) -> Reason {
        match error {
            error if verifier::is_name(error) => Reason::TlsWrongHost,
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
                Reason::TlsUnknownAuthority
            }
            rustls::Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
                | CertificateError::Revoked,
            ) => Reason::TlsOutdated,
            rustls::Error::AlertReceived(_) => Reason::TlsRefusedByServer,
            _ => Reason::TlsFailed,
        }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Options => "backstop::connect::options",
            Reason::NameNotFound => "backstop::connect::name_not_found",
            Reason::Refused => "backstop::connect::refused",
            Reason::TimedOut => "backstop::connect::timed_out",
            Reason::Unreachable => "backstop::connect::unreachable",
            Reason::SocketMissing => "backstop::connect::socket_missing",
            Reason::SocketForbidden => "backstop::connect::socket_forbidden",
            Reason::Dropped => "backstop::connect::dropped",
            Reason::TlsNotOffered => "backstop::connect::tls_not_offered",
            Reason::TlsUnknownAuthority => "backstop::connect::tls_unknown_authority",
            Reason::TlsWrongHost => "backstop::connect::tls_wrong_host",
            Reason::TlsOutdated => "backstop::connect::tls_outdated",
            Reason::TlsRefusedByServer => "backstop::connect::tls_refused_by_server",
            Reason::TlsFailed => "backstop::connect::tls_failed",
            Reason::WrongPassword => "backstop::connect::wrong_password",
            Reason::PasswordMissing => "backstop::connect::password_missing",
            Reason::AuthenticationFailed => "backstop::connect::authentication_failed",
            Reason::NoHbaEntry => "backstop::connect::no_hba_entry",
            Reason::RoleRefused => "backstop::connect::role_refused",
            Reason::UnknownDatabase => "backstop::connect::unknown_database",
            Reason::NotPermitted => "backstop::connect::not_permitted",
            Reason::StartingUp => "backstop::connect::starting_up",
            Reason::TooManyConnections => "backstop::connect::too_many_connections",
            Reason::OtherSessionWanted => "backstop::connect::other_session_wanted",
            Reason::SessionsShared => "backstop::preflight::pooler",
            Reason::Server => "backstop::connect::server",
            Reason::OptionsRefused => "backstop::connect::options_refused",
            Reason::Protocol => "backstop::connect::protocol",
        }
    }

    /// Whether another attempt may do better.
    pub fn class(self) -> FailureClass {
        match self {
            Reason::Refused
            | Reason::TimedOut
            | Reason::Unreachable
            | Reason::SocketMissing
            | Reason::Dropped
            | Reason::StartingUp
            | Reason::TooManyConnections
            | Reason::OtherSessionWanted => FailureClass::Transient,
            _ => FailureClass::Permanent,
        }
    }

    /// Whether the next one of several servers is tried. libpq does so where a server can't be reached, is not ready, or is
    /// not of the kind that is wanted; never where it refused the login.
    pub(super) fn leads_to_next_server(self) -> bool {
        matches!(
            self,
            Reason::NameNotFound
                | Reason::Refused
                | Reason::TimedOut
                | Reason::Unreachable
                | Reason::SocketMissing
                | Reason::SocketForbidden
                | Reason::Dropped
                | Reason::StartingUp
                | Reason::OtherSessionWanted
        )
    }

    /// Whether it was TLS that failed, not the server's answer.
    pub(super) fn is_tls(self) -> bool {
        matches!(
            self,
            Reason::TlsNotOffered
                | Reason::TlsUnknownAuthority
                | Reason::TlsWrongHost
                | Reason::TlsOutdated
                | Reason::TlsRefusedByServer
                | Reason::TlsFailed
        )
    }
}
