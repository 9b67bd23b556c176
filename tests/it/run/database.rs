//! A fresh database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, Config, NoTls};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of its own, dropped with the value.
pub struct Database {
    server: Config,
    pub name: String,
}

impl Database {
    pub async fn fresh() -> Self {
        let url = &crate::support::server().url;
        let server: Config = url.parse().expect("the server's URL");
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
    pub async fn session(&self) -> backstop::postgres::connection::Connection {
        use backstop::postgres::connection::{ConnectOptions, connect};
        let url = &crate::support::server().url;
        let options = ConnectOptions::from_url(url).unwrap().with_database(&self.name);
        connect(&options, "test").await.unwrap()
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
