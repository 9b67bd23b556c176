//! What keeps a text from being split.

use std::fmt;

/// What keeps a text from being split into statements. Everything else is left to the server to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlProblem {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
    /// Where in the text, in bytes.
    pub offset: usize,
}

impl SqlProblem {
    pub(super) fn unterminated(what: &str, end: &str, offset: usize) -> Self {
        SqlProblem {
            code: "backstop::sql::unterminated",
            message: format!("{what} has no end"),
            help: format!("Close it with {end}."),
            offset,
        }
    }

    pub(super) fn nul(offset: usize) -> Self {
        SqlProblem {
            code: "backstop::sql::nul",
            message: "holds a NUL character, which PostgreSQL can't take".to_owned(),
            help: "Write the text without it; a bytea value takes it as '\\x00'.".to_owned(),
            offset,
        }
    }

    pub(super) fn psql_command(command: &str, offset: usize) -> Self {
        SqlProblem {
            code: "backstop::sql::psql_command",
            message: format!("`{command}` is a command of psql, not SQL"),
            help:
                "Only psql understands backslash commands: write SQL instead, and use the plan's variables and macro files \
                   for what \\set and \\i do."
                    .to_owned(),
            offset,
        }
    }

    pub(super) fn copy_data(offset: usize) -> Self {
        SqlProblem {
            code: "backstop::sql::copy_data",
            message: "COPY … FROM STDIN with data in the text can't be run".to_owned(),
            help: "Write the rows as INSERT statements; `pg_dump --inserts` makes them.".to_owned(),
            offset,
        }
    }
}

impl fmt::Display for SqlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlProblem {}
