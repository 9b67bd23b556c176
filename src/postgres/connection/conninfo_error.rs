//! What can be wrong with where to connect, before anything is connected to.

use std::{fmt, path::PathBuf};

use crate::machine::Failure;

/// A mistake in a connection string, a variable, a service file, or in a file that one of them names.
///
/// No message repeats a piece of the text that could belong to a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConninfoError {
    /// A keyword that libpq doesn't know either.
    #[error("{origin} has the unknown keyword `{keyword}`")]
    UnknownKeyword {
        /// As written.
        keyword: String,
        /// Where the text came from.
        origin: ValueOrigin,
        /// What was probably meant.
        near: Option<&'static str>,
    },
    /// The text is neither a URL nor `keyword=value` pairs.
    #[error("the connection string can't be read: {problem} at character {position}")]
    Syntax {
        /// A fragment.
        problem: &'static str,
        /// From 1, in characters.
        position: usize,
    },
    /// A port that is no number from 1 to 65535.
    #[error("a port in {origin} is not a number from 1 to 65535")]
    Port {
        /// Where the keyword stands.
        origin: ValueOrigin,
    },
    /// A value that is none of those allowed.
    #[error("`{value}` is no value for `{keyword}` (in {origin})")]
    Value {
        /// Which keyword.
        keyword: &'static str,
        /// As written; never a password.
        value: String,
        /// What it may be.
        allowed: &'static str,
        /// Where the value came from.
        origin: ValueOrigin,
    },
    /// Something that libpq can do and this program can't; refused, because ignoring it could make a connection less safe.
    #[error("{} is not supported (in {origin})", match value { Some(value) => format!("`{keyword}={value}`"), None => format!("`{keyword}`") })]
    Unsupported {
        /// Which keyword.
        keyword: &'static str,
        /// The value, where only this one is not supported.
        value: Option<String>,
        /// Where the value came from.
        origin: ValueOrigin,
    },
    /// Lists of hosts, addresses and ports of different lengths.
    #[error("there are {hosts} hosts, but {others} values in `{keyword}`")]
    Lengths {
        /// Number of hosts.
        hosts: usize,
        /// Number of the others.
        others: usize,
        /// `hostaddr` or `port`.
        keyword: &'static str,
    },
    /// Two settings that exclude each other.
    #[error("{0}")]
    Conflict(&'static str),
    /// No service of that name.
    #[error("the service `{name}` is defined nowhere")]
    ServiceNotFound {
        /// The service's, as it was asked for.
        name: String,
        /// Files that were looked at.
        looked_at: Vec<PathBuf>,
    },
    /// A line in the service file that is neither a section nor `keyword=value`.
    #[error("line {line} of the service file {} can't be read: {problem}", path.display())]
    ServiceFile {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// A fragment.
        problem: &'static str,
    },
    /// A file that can't be read, or holds something else.
    #[error("the file {} for `{keyword}` can't be used: {problem}", path.display())]
    File {
        /// The keyword that names it.
        keyword: &'static str,
        /// Which file.
        path: PathBuf,
        /// A fragment, possibly with what the operating system said.
        problem: String,
    },
    /// `verify-ca` or `verify-full` without anything to verify against.
    #[error("there is no root certificate to verify the server with: {} doesn't exist", path.display())]
    NoRootCertificate {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Neither a role nor an operating system's user is known.
    #[error("no user is given, and the operating system knows no name for this one")]
    NoUser,
}

impl ConninfoError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ConninfoError::UnknownKeyword { .. } => "backstop::connect::unknown_keyword",
            ConninfoError::Syntax { .. } => "backstop::connect::conninfo_syntax",
            ConninfoError::Port { .. } => "backstop::connect::bad_port",
            ConninfoError::Value { .. } => "backstop::connect::bad_value",
            ConninfoError::Unsupported { .. } => "backstop::connect::unsupported",
            ConninfoError::Lengths { .. } => "backstop::connect::host_lists",
            ConninfoError::Conflict(_) => "backstop::connect::conflict",
            ConninfoError::ServiceNotFound { .. } => "backstop::connect::service_not_found",
            ConninfoError::ServiceFile { .. } => "backstop::connect::service_file",
            ConninfoError::File { .. } => "backstop::connect::file",
            ConninfoError::NoRootCertificate { .. } => "backstop::connect::no_root_certificate",
            ConninfoError::NoUser => "backstop::connect::no_user",
        }
    }

    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            ConninfoError::UnknownKeyword { near: Some(near), .. } => format!("Did you mean `{near}`?"),
            ConninfoError::UnknownKeyword { near: None, .. } => {
                "The keywords are those of libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS".to_owned()
            }
            ConninfoError::Syntax { .. } => {
                "Write postgresql://user@host:5432/database or `host=... port=... user=... dbname=...`; in a URL percent-encode the characters / @ : ? # and % of a password, in pairs quote it with '...'.".to_owned()
            }
            ConninfoError::Port { .. } => {
                "Write the port as a number, 5432 for instance. If the password holds / @ : ? # or %, percent-encode it in the URL, or give it in PGPASSWORD or the password file.".to_owned()
            }
            ConninfoError::Value { allowed, .. } => format!("Write {allowed}."),
            ConninfoError::Unsupported { keyword, .. } => unsupported_help(keyword).to_owned(),
            ConninfoError::Lengths { keyword, .. } => {
                format!("Give as many values in `{keyword}` as there are hosts, separated by commas; a single port stands for all hosts.")
            }
            ConninfoError::Conflict(_) => "Take one of the two away, or change it as the message says.".to_owned(),
            ConninfoError::ServiceNotFound { name, looked_at } => {
                let files: Vec<String> = looked_at.iter().map(|path| path.display().to_string()).collect();
                format!("Add a section [{name}] to one of: {}.", files.join(", "))
            }
            ConninfoError::ServiceFile { .. } => {
                "A service file holds sections, `[name]`, with lines like `host=db.example`; comments start with #.".to_owned()
            }
            ConninfoError::File { .. } => "Check the path, the file's permissions and that it is in PEM form.".to_owned(),
            ConninfoError::NoRootCertificate { .. } => {
                "Give the authority's certificate with sslrootcert=FILE, or trust the system's authorities with sslrootcert=system.".to_owned()
            }
            ConninfoError::NoUser => "Name the role: user=... in the connection string, or PGUSER.".to_owned(),
        }
    }
}

fn unsupported_help(keyword: &str) -> &'static str {
    match keyword {
        "sslpassword" => "Give a private key that is not encrypted, readable by its owner only.",
        "sslcrldir" => "Put the revocation lists into one file and name it with sslcrl.",
        "require_auth" => "Take it away; channel_binding=require with a verified certificate protects the password better.",
        "requirepeer" => "Take it away, or connect by TCP with sslmode=verify-full.",
        "replication" => "Take it away: a replication session can't run plans.",
        "gssencmode" => "Use TLS instead: sslmode=verify-full.",
        "authtype" => "Take it away: it has had no effect since PostgreSQL 8.",
        _ => "Take it away, or use another way to log in: password, SCRAM or client certificate.",
    }
}

impl From<ConninfoError> for Failure {
    fn from(error: ConninfoError) -> Self {
        Failure::permanent(error.code(), error.to_string()).hint(error.help())
    }
}

/// Where a value came from; a mistake is told with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOrigin {
    /// The connection string.
    Text,
    /// The service file, with its path.
    ServiceFile(String),
    /// An environment variable.
    Variable(&'static str),
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueOrigin::Text => f.write_str("the connection string"),
            ValueOrigin::ServiceFile(path) => write!(f, "the service file {path}"),
            ValueOrigin::Variable(name) => f.write_str(name),
        }
    }
}
