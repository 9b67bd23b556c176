//! A fresh database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use backstop::postgres::connection::{ConnectOptions, Connection, connect};

use super::{
    admin::{block_on, execute},
    oracle,
    server::server,
};

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
    let url = server().url_of(&name);
    TestDatabase { name, url }
}

/// A copy of another test's database, in which nobody is.
pub fn database_like(template: &TestDatabase, name: &str) -> TestDatabase {
    let name = unique(name);
    execute(&server().url, &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{}\"", template.name))
        .unwrap_or_else(|error| panic!("no copy of a database: {error}"));
    let url = server().url_of(&name);
    TestDatabase { name, url }
}

impl TestDatabase {
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

    /// The way in as another role; our own servers ask for no password on their socket.
    pub fn url_as(&self, role: &TestRole) -> String {
        let (scheme, rest) = self.url.split_once("://").expect("a URL");
        let authority = rest.split('/').next().unwrap_or_default();
        let rest = if authority.contains('@') { rest.split_once('@').map_or(rest, |(_, rest)| rest) } else { rest };
        format!("{scheme}://{}@{rest}", role.name)
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

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Err(error) = execute(&server().url, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name)) {
            eprintln!("the database of a test stays: {error}");
        }
    }
}

impl Drop for TestRole {
    fn drop(&mut self) {
        if let Err(error) = execute(&server().url, &format!("DROP ROLE IF EXISTS \"{}\"", self.name)) {
            eprintln!("the role of a test stays: {error}");
        }
    }
}

/// A name that no other test has, in this process or another, within PostgreSQL's 63 bytes.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(36).collect();
    format!("test_{name}_{}_{number}", std::process::id())
}
