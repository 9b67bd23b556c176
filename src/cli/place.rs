//! Which database a command works on.

use std::{
    env, fs,
    io::{BufRead, BufReader},
};

use super::{arguments, journals::unreadable, problem::Problem, repository};
use crate::{
    postgres::{
        connection::{ConnectOptions, Connection, Environment, connect},
        ownership,
        search_path::PlanPath,
    },
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
        let options = ConnectOptions::resolve(conninfo(place)?.as_deref(), &Environment::of_process())?;
        for warning in options.warnings() {
            eprintln!("warning: {warning}");
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
            let sql = fs::read_to_string(path).map_err(|error| Problem::file(path, &error))?;
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

    /// A session for a short command.
    pub async fn connect(&self) -> Result<Connection, Problem> {
        let connection = connect(&self.options, APPLICATION).await?;
        // Before anything of it is read, in whatever way.
        ownership::refuse_foreign(&connection.client, &[ownership::JOURNAL]).await.map_err(unreadable)?;
        Ok(connection)
    }
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
pub fn confirm(question: &str) -> bool {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    match BufReader::new(std::io::stdin()).read_line(&mut answer) {
        Ok(_) => matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"),
        Err(_) => false,
    }
}
