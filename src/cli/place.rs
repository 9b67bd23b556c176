//! Which database a command works on.

use std::{
    env,
    io::{BufRead, BufReader},
    sync::Arc,
    time::Duration,
};

use super::{
    arguments,
    console::{Console, ask_on_stderr, say_on_stderr},
    files,
    journals::unreadable,
    problem::Problem,
    repository,
};
use crate::{
    postgres::{
        connection::{ConnectError, ConnectOptions, Connection, Environment, connect, connect_within},
        ownership,
        search_path::PlanPath,
    },
    report,
    sandbox::{Options, Reach, Sandbox},
};

/// What sessions of short commands are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop";

/// A database, and the throwaway server that it is on, if it is.
pub struct Database {
    options: ConnectOptions,
    _sandbox: Option<Sandbox>,
}

impl Database {
    /// The database that the arguments name; a throwaway server is started for it where they say so.
    pub async fn open(place: &arguments::Place) -> Result<Self, Problem> {
        if place.sandbox {
            return Self::throwaway(place).await;
        }
        let resolved = |place: &arguments::Place| -> Result<ConnectOptions, Problem> {
            Ok(ConnectOptions::resolve(conninfo(place)?.as_deref(), &Environment::of_process())?)
        };
        // What stands in a file may be renewed while the program runs.
        let again = place.clone();
        let options = resolved(place)?.renewed_by(Arc::new(move || resolved(&again).ok()));
        for warning in options.warnings() {
            say_on_stderr(&format!("warning: {warning}"));
        }
        Ok(Database { options, _sandbox: None })
    }

    /// A fresh throwaway server.
    pub async fn fresh(bin: Option<std::path::PathBuf>) -> Result<Self, Problem> {
        let sandbox = Sandbox::start(&Options {
            bin,
            config: vec![("fsync".to_owned(), "off".to_owned())],
            reach: Reach::Socket,
            label: "backstop".to_owned(),
        })?;
        let options = ConnectOptions::from_url(&sandbox.url())?;
        Ok(Database { options, _sandbox: Some(sandbox) })
    }

    /// Another, empty database on the same throwaway server, which must outlive it.
    pub async fn another(&self, name: &str) -> Result<Self, Problem> {
        let connection = self.connect().await?;
        let create = format!("CREATE DATABASE {}", crate::sql::quote::ident(name));
        connection.client.batch_execute(&create).await.map_err(|error| {
            Problem::failure(super::Exit::Unexpected, crate::postgres::failure("backstop::cli::sandbox_database", &error))
        })?;
        Ok(Database { options: self.options.with_database(name), _sandbox: None })
    }

    async fn throwaway(place: &arguments::Place) -> Result<Self, Problem> {
        let database = Self::fresh(place.pg_bin.clone()).await?;
        let connection = database.connect().await?;
        for path in &place.sandbox_sql {
            let sql = files::read_words(path)
                .map_err(|why| Problem::usage("backstop::cli::file", why, "Look at the path and at its permissions."))?;
            run_script(&connection.client, &sql).await.map_err(|error| {
                let failure = crate::postgres::failure("backstop::cli::sandbox_sql", &error);
                let message = format!("{}: {}", path.display(), failure.message);
                Problem::failure(super::Exit::Usage, crate::machine::Failure { message, ..failure })
            })?;
        }
        Ok(database)
    }

    /// How to connect to it.
    pub fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// A session, where the server is waited for so long: until it is there, and has one free.
    pub async fn connect_within(&self, wait: Duration, console: &Console) -> Result<Connection, Problem> {
        let mut is_told = false;
        let waiting = |error: &ConnectError, left: Duration| {
            if !std::mem::replace(&mut is_told, true) {
                console.say(&format!("{error}; tried again for up to {}, as `--wait` says", report::duration(left)));
            }
        };
        trusted(connect_within(&self.options, APPLICATION, wait, waiting).await?).await
    }

    /// A session for a short command.
    pub async fn connect(&self) -> Result<Connection, Problem> {
        trusted(connect(&self.options, APPLICATION).await?).await
    }
}

/// The session, where the journal is nobody's whose code must not run here: asked before anything of it is read.
async fn trusted(connection: Connection) -> Result<Connection, Problem> {
    ownership::refuse_foreign(&connection.client, &[ownership::JOURNAL]).await.map_err(unreadable)?;
    Ok(connection)
}

/// Runs people's own statements, with the search path that the server begins with.
pub async fn run_script(client: &tokio_postgres::Client, sql: &str) -> Result<(), tokio_postgres::Error> {
    let servers_own = PlanPath::of_schemas(&["$user".to_owned(), "public".to_owned()]);
    servers_own.during(client, client.batch_execute(sql), |error| error).await
}

/// What says where the database is: the argument, else the environment that was named, else DATABASE_URL. A DATABASE_URL that
/// stands around never wins over an environment that somebody named.
fn conninfo(place: &arguments::Place) -> Result<Option<String>, Problem> {
    const VARIABLE: &str = "DATABASE_URL";
    if let Some(given) = &place.database_url {
        return Ok(Some(given.clone()));
    }
    if let Some(environment) = repository::Environment::chosen(&place.chosen)?
        && let Some(connection) = environment.connection()?
    {
        return Ok(Some(connection));
    }
    match env::var(VARIABLE) {
        Ok(url) => Ok(Some(url).filter(|url| !url.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let help = "Write it in UTF-8, with other bytes as %XX.";
            Err(Problem::usage("backstop::cli::database_url", format!("{VARIABLE} is no UTF-8"), help))
        }
    }
}

/// Asks a person; anything but `y` or `yes` is a no, and so is a standard input that is no terminal.
pub async fn confirm(question: &str) -> bool {
    ask_on_stderr(&format!("{question} [y/N]"));
    let (told, answered) = tokio::sync::oneshot::channel();
    // A thread of its own, which ends with the program: a signal must not wait for somebody to type.
    let asking = std::thread::Builder::new().spawn(move || {
        let mut answer = String::new();
        let read = BufReader::new(std::io::stdin()).read_line(&mut answer);
        let is_yes = read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        // Nobody waits for the answer any more where a signal came.
        let _ = told.send(is_yes);
    });
    asking.is_ok() && answered.await.unwrap_or(false)
}
