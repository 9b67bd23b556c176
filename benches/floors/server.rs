//! A server that waits for the disk as one in production does, and databases on it.

use std::sync::atomic::{AtomicU32, Ordering};

use backstop::{
    postgres::connection::{ConnectOptions, Connection, connect},
    sandbox::{Options, Sandbox},
};

const SCHEMA: &str = include_str!("../../examples/multi-org/schema.sql");
const GENERATE: &str = include_str!("../../examples/multi-org/generate.sql");
const SETTINGS: [(&str, &str); 5] = [
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("wal_level", "replica"),
    ("max_wal_size", "4GB"),
];

/// The server.
pub struct Server {
    sandbox: Sandbox,
    made: AtomicU32,
}

impl Server {
    /// Starts it; it ends with the program.
    pub fn start() -> Self {
        let config = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let bin = std::env::var_os("BACKSTOP_PG_BIN").map(Into::into);
        let options = Options { bin, config, label: "backstop benches".to_owned(), ..Options::default() };
        let sandbox =
            Sandbox::start(&options).unwrap_or_else(|error| panic!("no PostgreSQL server: {error}\n{}", error.help()));
        Server { sandbox, made: AtomicU32::new(0) }
    }

    /// A fresh database: empty, or like the template. What its making left to be written is written.
    pub async fn database(&self, template: Option<&str>) -> Database {
        let name = format!("bench_{}", self.made.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template1");
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        self.administer("CHECKPOINT").await;
        let options = ConnectOptions::from_url(&self.sandbox.url_of(&name)).expect("a URL");
        Database { name, options }
    }

    /// The example database with so many people.
    pub async fn example(&self, profiles: u32) -> Database {
        let database = self.database(None).await;
        let session = database.session().await;
        let script = format!("SET backstop_demo.profiles = '{profiles}';\n{SCHEMA}\n{GENERATE}\n");
        session.client.batch_execute(&script).await.expect("the example database");
        session.client.batch_execute("VACUUM ANALYZE").await.expect("VACUUM");
        database
    }

    /// Removes a database.
    pub async fn drop(&self, database: Database) {
        self.administer(&format!("DROP DATABASE {} WITH (FORCE)", database.name)).await;
    }

    async fn administer(&self, sql: &str) {
        let options = ConnectOptions::from_url(&self.sandbox.url()).expect("a URL");
        let session = connect(&options, "bench").await.expect("a session");
        session.client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// A database.
pub struct Database {
    /// Its name.
    pub name: String,
    /// The superuser's way in.
    pub options: ConnectOptions,
}

impl Database {
    /// A session.
    pub async fn session(&self) -> Connection {
        connect(&self.options, "bench").await.expect("a session")
    }
}
