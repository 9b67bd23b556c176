//! A database of its own for every test, on the server that all tests share.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use backstop::{
    catalog::{Column, Definition, ObjectKey},
    drive::manifest::{Algorithm, Manifest, TableContent},
    machine::Failure,
    postgres::{
        backup::{self, BrokenRows, Request, Sessions, Store},
        capture,
        connection::Connection,
        digest::{self, RowSource},
        fence,
        interrupt::{Guard, interruption},
        journal,
        table_lock::Patience,
    },
};
use std::time::Duration;
use tokio_postgres::Client;

use crate::support::{Kept, TestDatabase, block_on, database_like, template};

/// The schema of the copies.
pub const COPIES: &str = "backup_pre_migration";

/// A database that goes away with the value.
pub struct Database {
    place: TestDatabase,
    /// Where its backups are kept.
    pub store: Arc<Store>,
}

/// What the databases are copies of: one with the journal in it.
fn with_journal() -> &'static TestDatabase {
    static TEMPLATE: OnceLock<&TestDatabase> = OnceLock::new();

    TEMPLATE.get_or_init(|| template("journal", "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", install_journal))
}

fn install_journal(database: &TestDatabase) {
    block_on(async {
        let client = database.client().await;
        journal::install(&client).await.expect("a journal");
        client.batch_execute(&format!("{}; {}", backup::SCHEMA, fence::SCHEMA)).await.expect("its schemas");
    });
}

impl Database {
    /// Makes it, with the journal in it, and with its backups.
    pub async fn new() -> Self {
        Self::with(Kept::InTheDatabase.store()).await
    }

    /// Makes it with its backups elsewhere.
    pub async fn with(store: Arc<Store>) -> Self {
        Database { place: database_like(with_journal(), "backup"), store }
    }

    /// A role's name that no other test has; who makes it drops it.
    pub fn role(&self) -> String {
        format!("{}_role", self.name)
    }

    /// A session of the superuser.
    pub async fn session(&self) -> Client {
        self.client().await
    }

    /// A session of ours and another role, which can be cancelled.
    pub async fn connection_of(&self, role: &str) -> Connection {
        let connection = self.connect().await;
        connection.client.batch_execute(&format!("SET SESSION AUTHORIZATION {role}")).await.unwrap();
        connection
    }

    /// A session of another role.
    pub async fn session_of(&self, role: &str) -> Client {
        let client = self.session().await;
        client.batch_execute(&format!("SET SESSION AUTHORIZATION {role}")).await.unwrap();
        client
    }

    /// Drops a role with what belongs to it, its sessions being idle or gone.
    pub async fn forget(&self, role: &str) {
        self.run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}")).await;
    }

    /// Runs statements in a session of their own.
    pub async fn run(&self, sql: &str) {
        self.session().await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
    }

    /// The first column of the answer, as text.
    pub async fn ask(&self, sql: &str) -> Vec<Option<String>> {
        ask(&self.session().await, sql).await
    }

    /// A backup of the tables, complete, without a run.
    pub async fn back_up(&self, tables: &[&str]) -> Manifest {
        let sessions = [self.session().await, self.session().await, self.session().await];
        let taken = self.take(&sessions, tables).await.unwrap();
        self.store.complete(&sessions[0], &taken).await.unwrap();
        taken
    }

    /// Copies the tables of `public`: the first session coordinates, the others work.
    pub async fn take(&self, sessions: &[Client], tables: &[&str]) -> Result<Manifest, Failure> {
        let tables = in_public(tables);
        let workers: Vec<&Client> = sessions[1..].iter().collect();
        let sessions = Sessions::Shared { coordinator: &sessions[0], workers: &workers };
        backup::take(&self.request(&tables), sessions, &calm()).await
    }

    /// A backup of the tables for the plan `test`.
    pub fn request<'a>(&'a self, tables: &'a [(String, String)]) -> Request<'a> {
        Request {
            store: &*self.store,
            schema: COPIES,
            plan: "test",
            run: None,
            tables,
            patience: IMPATIENT,
            search_path: &[],
            memory: None,
            broken_rows: BrokenRows::Refuse,
        }
    }

    /// How many tables the backups hold, and how many backups there are, partial ones too.
    pub async fn traces(&self) -> (usize, usize) {
        let copies = format!("SELECT tablename FROM pg_tables WHERE schemaname = '{COPIES}'");
        let in_database = self.ask(&copies).await.len();
        let listed = self.store.list(&self.session().await).await.unwrap();
        let elsewhere: u64 = listed.iter().map(|backup| backup.tables).sum();
        (in_database.max(usize::try_from(elsewhere).unwrap()), listed.len())
    }
}

impl Deref for Database {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        &self.place
    }
}

/// The first column of the answer, as text.
pub async fn ask(client: &Client, sql: &str) -> Vec<Option<String>> {
    let answer = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
    let rows = answer.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).map(str::to_owned)),
        _ => None,
    });
    rows.collect()
}

/// Nobody wants anything to stop.
pub fn calm() -> Guard {
    Guard::new(&interruption().1, Vec::new())
}

/// Short waits, so that tests of locks don't take long.
pub const IMPATIENT: Patience = Patience { wait: Duration::from_millis(100), attempts: 2, pause: Duration::from_millis(20) };

/// `public.name` for each name.
pub fn in_public(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ("public".to_owned(), (*name).to_owned())).collect()
}

/// The columns of a table of `public`, as the catalog has them.
pub async fn columns(client: &Client, table: &str) -> Vec<Column> {
    let snapshot = capture::snapshot(client, &[]).await.unwrap();
    match &snapshot.objects[&ObjectKey::table("public", table)].definition {
        Definition::Table(table) => table.columns.clone(),
        other => panic!("{other:?}"),
    }
}

/// Digests a table of `public` in a transaction of its own.
pub async fn digest_of(client: &Client, algorithm: Algorithm, table: &str) -> TableContent {
    client.batch_execute("BEGIN").await.unwrap();
    digest::pin(client).await.unwrap();
    let columns = columns(client, table).await;
    let content = digest::digest(client, algorithm, &format!("public.{table}"), &columns, RowSource::Live).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    content
}

/// The copy of a table of `public` in a backup.
pub fn copy_of<'a>(manifest: &'a Manifest, table: &str) -> &'a str {
    &manifest.tables.iter().find(|copy| copy.name == table).unwrap().copy
}

/// The algorithm that the server's backups are digested with.
pub async fn own_algorithm(client: &Client) -> Algorithm {
    let version = ask(client, "SHOW server_version_num").await.remove(0).expect("a version");
    Algorithm::of_server(version.parse().expect("a number"))
}

/// All algorithms that the server knows.
pub async fn algorithms(client: &Client) -> Vec<Algorithm> {
    match own_algorithm(client).await {
        Algorithm::Record => vec![Algorithm::Record, Algorithm::Text],
        Algorithm::Text => vec![Algorithm::Text],
    }
}
