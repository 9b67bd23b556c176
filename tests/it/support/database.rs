//! A fresh database for each test.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use backstop::postgres::connection::{ConnectOptions, Connection, connect};
use tokio_postgres::{Client, Config, NoTls};

use super::{
    admin::{block_on, execute},
    bystanders, oracle,
    server::{at_exit, server},
};

/// How often it is looked whether sessions have ended, twenty milliseconds apart.
const ENDED_WITHIN: u32 = 500;

/// A database of one test's own, dropped with it.
pub struct TestDatabase {
    /// Its name.
    pub name: String,
    /// A superuser's way into it.
    pub url: String,
}

/// A role of one test's own, dropped with it. Declare it before the database, so that the database goes first.
pub struct TestRole {
    /// Its name.
    pub name: String,
}

/// A fresh, empty database; the name only helps to recognize it.
pub fn database(name: &str) -> TestDatabase {
    database_with(name, "")
}

/// The same with options as in `CREATE DATABASE`: encoding and locale.
pub fn database_with(name: &str, options: &str) -> TestDatabase {
    let name = unique(name);
    execute(&server().url, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0 {options}"))
        .unwrap_or_else(|error| panic!("no database for the test: {error}"));
    TestDatabase::of(name)
}

/// A copy of another test's database, in which nobody is.
pub fn database_like(template: &TestDatabase, name: &str) -> TestDatabase {
    let name = unique(name);
    if bystanders::asked_for() {
        template.end_sessions();
    }
    execute(&server().url, &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{}\"", template.name))
        .unwrap_or_else(|error| panic!("no copy of a database: {error}"));
    TestDatabase::of(name)
}

/// A database for others to be copied from until all tests have ended. It is made ready here, and nobody is in it.
pub fn template(name: &str, options: &str, make_ready: impl FnOnce(&TestDatabase)) -> &'static TestDatabase {
    struct AtExit(&'static TestDatabase);

    impl Drop for AtExit {
        fn drop(&mut self) {
            self.0.be_gone();
        }
    }

    let template: &TestDatabase = Box::leak(Box::new(database_with(name, options)));
    at_exit(AtExit(template));
    make_ready(template);
    template.end_sessions();
    template
}

impl TestDatabase {
    /// One that was just made.
    fn of(name: String) -> TestDatabase {
        let url = server().url_of(&name);
        let database = TestDatabase { name, url };
        if bystanders::asked_for() {
            bystanders::begin(&database.config());
        }
        database
    }

    /// Where a test is about the whole of a database. What is registered for psql, for one, fits a structure that stays as it is.
    pub fn send_bystanders_away(&self) {
        if bystanders::asked_for() {
            self.end_sessions();
        }
    }

    /// A database on the same server that the test's program is to make, dropped with it.
    pub fn beside(&self, name: &str) -> TestDatabase {
        let name = unique(name);
        let url = server().url_of(&name);
        TestDatabase { name, url }
    }

    /// A session of the superuser's.
    pub async fn connect(&self) -> Connection {
        let session = connect(&self.options(), "backstop tests").await.expect("a session in the test's database");
        // What tests write is found where people's statements find it.
        session.client.batch_execute("SET search_path = \"$user\", public").await.expect("a search path");
        session
    }

    /// How to connect as superuser.
    pub fn options(&self) -> ConnectOptions {
        ConnectOptions::from_url(&self.url).expect("the URL of the test's database")
    }

    /// How the driver alone connects as superuser.
    pub fn config(&self) -> Config {
        self.url.parse().expect("the URL of the test's database")
    }

    /// A superuser's session of the driver alone, with the settings that anybody gets.
    pub async fn client(&self) -> Client {
        open(&self.config()).await
    }

    /// The same of another role.
    pub async fn client_as(&self, role: &str) -> Client {
        open(self.config().user(role)).await
    }

    /// Ends all sessions in it, so that it can be a template of others.
    pub fn end_sessions(&self) {
        let sessions = format!("FROM pg_stat_activity WHERE datname = '{}'", self.name);
        block_on(async {
            let server = open(&server().url.parse().expect("the server's URL")).await;
            let end = format!("SELECT pg_terminate_backend(pid) {sessions}");
            server.batch_execute(&end).await.expect("sessions end");
            for _ in 0..ENDED_WITHIN {
                let left = server.query_one(&format!("SELECT count(*) {sessions}"), &[]).await.expect("a count");
                if left.get::<_, i64>(0) == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("there are still sessions in {}", self.name);
        });
    }

    /// The way in as another role; our own servers ask for no password on their socket.
    pub fn url_as(&self, role: &TestRole) -> String {
        self.url_as_named(&role.name)
    }

    /// The way in as the role of this name.
    pub fn url_as_named(&self, role: &str) -> String {
        let (scheme, rest) = self.url.split_once("://").expect("a URL");
        let authority = rest.split('/').next().unwrap_or_default();
        let rest = if authority.contains('@') { rest.split_once('@').map_or(rest, |(_, rest)| rest) } else { rest };
        format!("{scheme}://{role}@{rest}")
    }

    /// Runs SQL or psql's own commands with psql and returns what it prints, unaligned and without headers. The first error ends it and the test.
    pub fn psql(&self, sql: &str) -> String {
        oracle::psql(&self.url, sql).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What `pg_dump --schema-only` prints, without comments and its random `\restrict` key.
    pub fn dump_schema(&self) -> String {
        oracle::pg_dump_schema(&self.url, &[])
    }

    /// The same without the schemas that a run leaves behind: its journal and its backups.
    pub fn dump_others_schema(&self) -> String {
        oracle::pg_dump_schema(&self.url, &["-N", "backstop", "-N", "backup_pre_migration"])
    }

    /// A digest of a table's rows as a multiset, and their number; it shares nothing with our own digests. The table is named as in SQL.
    pub fn rows(&self, table: &str) -> String {
        self.psql(&format!(
            "SET extra_float_digits = 3; SET DateStyle = 'ISO'; SET TimeZone = 'UTC'; SET row_security = off;
             SELECT count(*) || ' ' || coalesce(md5(string_agg(hash, '' ORDER BY hash)), '')
             FROM (SELECT md5(row_text.*::text) AS hash FROM ONLY {table} AS row_text) AS hashes"
        ))
    }

    /// A role made for this test, with options as in `CREATE ROLE`, `LOGIN` for instance.
    pub fn role(&self, name: &str, options: &str) -> TestRole {
        let name = unique(name);
        self.execute(&format!("CREATE ROLE \"{name}\" {options}"));
        TestRole { name }
    }

    /// A role that is no superuser and may make here what a run needs: it switches off no event trigger of others.
    pub fn runner(&self) -> TestRole {
        let role = self.role("runner", "LOGIN");
        self.execute(&format!(
            "GRANT CREATE ON DATABASE \"{}\" TO \"{1}\"; GRANT ALL ON SCHEMA public TO \"{1}\"",
            self.name, role.name
        ));
        role
    }

    /// Runs statements as superuser, in one transaction unless they say otherwise.
    pub fn execute(&self, sql: &str) {
        execute(&self.url, sql).unwrap_or_else(|error| panic!("{error}"));
    }

    /// The first column of the first row as text.
    pub fn one(&self, sql: &str) -> String {
        self.psql(sql).lines().next().unwrap_or_default().to_owned()
    }
}

impl TestDatabase {
    fn be_gone(&self) {
        if let Err(error) = execute(&server().url, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name)) {
            eprintln!("the database of a test stays: {error}");
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.be_gone();
    }
}

impl Drop for TestRole {
    fn drop(&mut self) {
        if let Err(error) = execute(&server().url, &format!("DROP ROLE IF EXISTS \"{}\"", self.name)) {
            eprintln!("the role of a test stays: {error}");
        }
    }
}

/// A session of the driver alone.
pub async fn open(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

/// A name that no other test has, in this process or another, within PostgreSQL's 63 bytes.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(36).collect();
    format!("test_{name}_{}_{number}", std::process::id())
}
