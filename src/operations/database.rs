//! A database that operations work on: found, and connected to.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio_postgres::Client;

use super::{
    configuration::Configuration,
    database_target::DatabaseTarget,
    files::FileAccess,
    problem::{OperationProblem, ProblemKind},
    watcher::{OperationNotice, Watcher},
};
use crate::{
    machine::Failure,
    postgres::{
        connection::{ConnectError, ConnectOptions, Connection, ConnectionEnvironment, connect, connect_within},
        failure, ownership,
        search_path::PlanPath,
    },
    sandbox::{Options, Sandbox, ServerReach},
    sql::quote::ident,
};

/// What sessions of short operations are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop";

/// A database, and the throwaway server that it is on, if it is.
pub struct DatabaseAccess {
    options: ConnectOptions,
    _sandbox: Option<Sandbox>,
}

impl DatabaseAccess {
    /// Finds the database; where a throwaway one is meant, its server is started. Nothing else is connected to yet.
    ///
    /// # Errors
    /// Where nothing, or nothing sensible, says where it is; and what keeps a throwaway server from being made.
    pub async fn open(
        configuration: &Configuration,
        target: &DatabaseTarget,
        watcher: &mut dyn Watcher,
    ) -> Result<Self, OperationProblem> {
        let given = match target {
            DatabaseTarget::Throwaway { scripts, bin } => {
                return Self::throwaway(configuration.files(), scripts, bin.as_deref()).await;
            }
            DatabaseTarget::Configured => None,
            DatabaseTarget::Given(given) => Some(given.clone()),
        };
        let again = configuration.clone();
        let resolved = |configuration: &Configuration, given: Option<&str>| -> Result<ConnectOptions, OperationProblem> {
            let found = conninfo(configuration, given)?;
            Ok(ConnectOptions::resolve(found.as_deref(), &ConnectionEnvironment::of_process())?)
        };
        let options = resolved(configuration, given.as_deref())?;
        // What stands in a file that the configuration names may be renewed while the program runs.
        let options = options.renewed_by(Arc::new(move || resolved(&again, given.as_deref()).ok()));
        for warning in options.warnings() {
            watcher.notice(OperationNotice::Connection(&warning.to_string()))?;
        }
        Ok(DatabaseAccess { options, _sandbox: None })
    }

    /// A fresh database on a throwaway server of its own.
    ///
    /// # Errors
    /// What keeps the server from being made.
    pub async fn fresh(bin: Option<PathBuf>) -> Result<Self, OperationProblem> {
        let sandbox = Sandbox::start(&Options {
            bin,
            config: vec![("fsync".to_owned(), "off".to_owned())],
            reach: ServerReach::Socket,
            label: "backstop".to_owned(),
        })?;
        let options = ConnectOptions::from_url(&sandbox.url())?;
        Ok(DatabaseAccess { options, _sandbox: Some(sandbox) })
    }

    /// Another, empty database on the same throwaway server, which must outlive it.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub async fn another(&self, name: &str) -> Result<Self, OperationProblem> {
        let connection = self.connect().await?;
        let create = format!("CREATE DATABASE {}", ident(name));
        connection.client.batch_execute(&create).await.map_err(|error| {
            OperationProblem::failure(ProblemKind::Unexpected, failure("backstop::cli::sandbox_database", &error))
        })?;
        Ok(DatabaseAccess { options: self.options.with_database(name), _sandbox: None })
    }

    async fn throwaway(files: &FileAccess, scripts: &[PathBuf], bin: Option<&Path>) -> Result<Self, OperationProblem> {
        let database = Self::fresh(bin.map(Path::to_owned)).await?;
        let connection = database.connect().await?;
        for path in scripts {
            let sql = files.read_words(path).map_err(|why| {
                OperationProblem::usage("backstop::cli::file", why, "Look at the path and at its permissions.")
            })?;
            run_script(&connection.client, &sql).await.map_err(|error| {
                let failure = failure("backstop::cli::sandbox_sql", &error);
                let message = format!("{}: {}", path.display(), failure.message);
                OperationProblem::failure(ProblemKind::Usage, Failure { message, ..failure })
            })?;
        }
        Ok(database)
    }

    /// The database's name, as it is connected to.
    pub fn name(&self) -> &str {
        self.options.database()
    }

    /// How to connect to it.
    pub(super) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// A session, where the server is waited for so long: until it is there, and has one free.
    pub(super) async fn connect_within(
        &self,
        wait: Duration,
        watcher: &mut dyn Watcher,
    ) -> Result<Connection, OperationProblem> {
        let mut is_told = false;
        let waiting = |error: &ConnectError, left: Duration| {
            if !std::mem::replace(&mut is_told, true) {
                // That it could not be told is no reason not to wait.
                let _ = watcher.notice(OperationNotice::ServerOutOfReach { error, left });
            }
        };
        trusted(connect_within(&self.options, APPLICATION, wait, waiting).await?).await
    }

    /// A session for a short operation.
    pub(super) async fn connect(&self) -> Result<Connection, OperationProblem> {
        trusted(connect(&self.options, APPLICATION).await?).await
    }
}

/// The session, where the journal is nobody's whose code must not run here: asked before anything of it is read.
async fn trusted(connection: Connection) -> Result<Connection, OperationProblem> {
    ownership::refuse_foreign(&connection.client, &[ownership::JOURNAL]).await.map_err(OperationProblem::unreadable)?;
    Ok(connection)
}

/// Runs people's own statements, with the search path that the server begins with.
pub(super) async fn run_script(client: &Client, sql: &str) -> Result<(), tokio_postgres::Error> {
    let servers_own = PlanPath::of_schemas(&["$user".to_owned(), "public".to_owned()]);
    servers_own.during(client, client.batch_execute(sql), |error| error).await
}

/// What says where the database is: what is given, else the environment that was named, else DATABASE_URL. A DATABASE_URL that
/// stands around never wins over an environment that somebody named.
fn conninfo(configuration: &Configuration, given: Option<&str>) -> Result<Option<String>, OperationProblem> {
    const VARIABLE: &str = "DATABASE_URL";
    if let Some(given) = given {
        return Ok(Some(given.to_owned()));
    }
    if let Some(environment) = configuration.environment()?
        && let Some(connection) = environment.connection()?
    {
        return Ok(Some(connection));
    }
    match env::var(VARIABLE) {
        Ok(url) => Ok(Some(url).filter(|url| !url.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let help = "Write it in UTF-8, with other bytes as %XX.";
            Err(OperationProblem::usage("backstop::cli::database_url", format!("{VARIABLE} is no UTF-8"), help))
        }
    }
}
