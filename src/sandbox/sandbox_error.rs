//! Why there is no throwaway server.

use std::{io, path::PathBuf};

/// Why there is no throwaway server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// No server binaries anywhere.
    #[error("no PostgreSQL server binaries are found")]
    NoBinaries {
        /// Directories that were looked at.
        looked_at: Vec<PathBuf>,
        /// The command that gets them.
        command: String,
    },
    /// The directory that was named holds no server binaries.
    #[error("{} holds no PostgreSQL server binaries ({problem})", path.display())]
    NotABinaryDirectory {
        /// As named.
        path: PathBuf,
        /// A fragment.
        problem: String,
    },
    /// PostgreSQL refuses to run as root, and there is no other account to run it as.
    #[error("PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody`")]
    NoAccount,
    /// A program of PostgreSQL's failed.
    #[error("`{program}` failed: {said}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The end of what it said.
        said: String,
    },
    /// The server did not become ready.
    #[error("the server was not ready within {seconds} s: {said}")]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// The end of its log.
        said: String,
    },
    /// A statement failed on the new server.
    #[error("the throwaway server refused a statement")]
    Statement(#[source] tokio_postgres::Error),
    /// The operating system refused something.
    #[error("can't {what}: {error}")]
    System {
        /// What was tried.
        what: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
}

impl SandboxError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SandboxError::NoBinaries { .. } => "backstop::sandbox::no_binaries",
            SandboxError::NotABinaryDirectory { .. } => "backstop::sandbox::not_a_binary_directory",
            SandboxError::NoAccount => "backstop::sandbox::no_account",
            SandboxError::Program { .. } => "backstop::sandbox::program",
            SandboxError::NotReady { .. } => "backstop::sandbox::not_ready",
            SandboxError::Statement(_) => "backstop::sandbox::statement",
            SandboxError::System { .. } => "backstop::sandbox::system",
        }
    }

    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            SandboxError::NoBinaries { command, .. } => {
                format!("Install them with `{command}`, or name their directory in BACKSTOP_PG_BIN.")
            }
            SandboxError::NotABinaryDirectory { .. } => {
                "Name the directory that holds `postgres` and `initdb`, /usr/lib/postgresql/17/bin for instance; where this runs as root, the account `postgres` must be able to reach it.".to_owned()
            }
            SandboxError::NoAccount => "Run this as an ordinary user, or add the account: `useradd --system postgres`.".to_owned(),
            SandboxError::Program { .. } | SandboxError::NotReady { .. } => {
                "Read what it said; other binaries can be named in BACKSTOP_PG_BIN.".to_owned()
            }
            SandboxError::Statement(_) => "Read the server's message.".to_owned(),
            SandboxError::System { .. } => "Check free space and permissions of the directory for temporary files.".to_owned(),
        }
    }

    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> SandboxError {
        let what = what.into();
        move |error| SandboxError::System { what, error }
    }
}
