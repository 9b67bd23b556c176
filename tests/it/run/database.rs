//! A fresh database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use backstop::postgres::connection::{self, ConnectOptions, Connection};
use tokio_postgres::{Client, Config, NoTls};

use crate::support::server;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of its own, dropped with the value.
pub struct Database {
    server: Config,
    pub name: String,
}

impl Database {
    pub async fn fresh() -> Self {
        let server: Config = server().url.parse().expect("the test server's URL");
        let name = format!("run_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        Database { server, name }
    }

    pub async fn with(sql: &str) -> Self {
        let database = Self::fresh().await;
        database.client().await.batch_execute(sql).await.unwrap();
        database
    }

    pub fn config(&self) -> Config {
        let mut config = self.server.clone();
        config.dbname(&self.name);
        config
    }

    pub async fn client(&self) -> Client {
        connect(&self.config()).await
    }

    /// A session of the program's own kind.
    pub async fn session(&self) -> Connection {
        let session = connection::connect(&self.options(), "test").await.unwrap();
        // What tests write is found where people's statements find it.
        session.client.batch_execute("SET search_path = public").await.unwrap();
        session
    }

    pub fn options(&self) -> ConnectOptions {
        ConnectOptions::from_url(&server().url_of(&self.name)).unwrap()
    }

    /// The same as another role.
    pub fn options_as(&self, role: &str) -> ConnectOptions {
        let url = server().url_of(&self.name);
        let (scheme, rest) = url.split_once("://").unwrap();
        let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
        ConnectOptions::from_url(&format!("{scheme}://{}@{rest}", self.role(role))).unwrap()
    }

    /// The role that the tests connect as.
    pub fn superuser(&self) -> &str {
        self.server.get_user().unwrap_or("postgres")
    }

    /// A connection as another role, which is made where it doesn't exist. Roles belong to the server, so they are named
    /// after the database.
    pub async fn client_as(&self, role: &str) -> Client {
        let mut config = self.config();
        config.user(self.role(role));
        connect(&config).await
    }

    pub fn role(&self, role: &str) -> String {
        format!("{}_{role}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = connect(&server).await;
                let _ = client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                let roles =
                    client.query("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1 || '_')", &[&name]).await;
                for role in roles.unwrap_or_default() {
                    let _ = client.batch_execute(&format!("DROP ROLE {}", row_text(&role))).await;
                }
            });
        });
        let _ = dropped.join();
    }
}

fn row_text(row: &tokio_postgres::Row) -> String {
    row.get(0)
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}
