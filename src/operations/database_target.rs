//! Which database an operation works on.

use std::path::PathBuf;

/// Which database is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DatabaseTarget {
    /// That of the environment that is chosen, else DATABASE_URL's, else what libpq's own variables and files say.
    #[default]
    Configured,
    /// A URL or key=value string, as libpq understands it.
    Given(String),
    /// A fresh one on a throwaway server.
    Throwaway {
        /// Files of SQL that are run in it first.
        scripts: Vec<PathBuf>,
        /// The folder that holds `postgres` and `initdb`; looked for where none is given.
        bin: Option<PathBuf>,
    },
}

impl DatabaseTarget {
    /// Whether the database goes with its server.
    pub fn is_throwaway(&self) -> bool {
        matches!(self, DatabaseTarget::Throwaway { .. })
    }
}
