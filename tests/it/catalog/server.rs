//! Databases of the tests' own, which can be templates of others.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio_postgres::{Client, Config, NoTls};

/// The roles that the scripts speak of.
const ROLES: [&str; 5] = ["museum_owner", "museum_api", "museum Reader", "museum_lender", "museum_default"];

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database that is dropped at the end, and a connection to it.
pub struct Database {
    pub client: Client,
    pub name: String,
    pub config: Config,
}

fn url() -> Config {
    crate::support::server().url.parse().expect("a URL")
}

pub async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a server");
    tokio::spawn(connection);
    client
}

impl Database {
    /// A new database in which the script has been run.
    pub async fn create(word: &str, script: &str) -> Database {
        let database = Database::make(word, "template0").await;
        for role in ROLES {
            // Roles are the whole server's: another test may have made them, or be about to.
            let _ = database.client.batch_execute(&format!("CREATE ROLE \"{role}\"")).await;
        }
        if let Err(error) = database.client.batch_execute(script).await {
            panic!("{word}: {:?}", error.as_db_error());
        }
        database
    }

    /// A copy of this one, to which nobody may be connected.
    pub async fn copy(word: &str, template: &str) -> Database {
        Database::make(word, template).await
    }

    async fn make(word: &str, template: &str) -> Database {
        let mut config = url();
        let server = connect(&config).await;
        let name = format!("backstop_{word}_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.expect("a database");
        config.dbname(&name);
        Database { client: connect(&config).await, name, config }
    }

    /// The server itself.
    pub fn server() -> Config {
        url()
    }

    /// Lets go of the connection, so that the database can be a template.
    pub async fn close(self) -> String {
        let name = self.name.clone();
        let (client, connection) = url().connect(NoTls).await.expect("a server");
        tokio::spawn(connection);
        client
            .query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", &[&name])
            .await
            .expect("termination");
        for _ in 0..100 {
            let row = client.query_one("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", &[&name]).await;
            if row.expect("a count").get::<_, i64>(0) == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        name
    }

    /// What `pg_dump --schema-only` prints, without its random key.
    pub fn dump(&self, options: &[&str]) -> String {
        let host = match self.config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
            None => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432).to_string();
        let mut command = Command::new(crate::support::pg_dump());
        command.arg("--schema-only").args(options).args([
            "-h",
            &host,
            "-p",
            &port,
            "-U",
            self.config.get_user().unwrap_or("postgres"),
            &self.name,
        ]);
        if let Some(password) = self.config.get_password() {
            command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
        }
        let output = command.output().expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
    }

    /// Drops it.
    pub async fn drop(self) {
        let name = self.close().await;
        Database::discard(&name).await;
    }

    /// Drops the one of this name, to which nobody is connected.
    pub async fn discard(name: &str) {
        let server = connect(&url()).await;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.expect("dropped");
    }
}
