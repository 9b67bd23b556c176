//! Sessions of an application that has nothing to do with what a test is about, and is at work all the time: at each level of
//! isolation, with rows, temporary tables and tables of its own that come and go. Whatever a test promises holds beside them.

use std::{
    sync::{OnceLock, mpsc},
    time::Duration,
};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, Error};

use super::{admin::block_on, database::open};

/// Set where databases of tests are to have bystanders.
const ASKED_FOR: &str = "BACKSTOP_TEST_BYSTANDERS";

/// At which levels they work: one session each.
const LEVELS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// Between two transactions of a session: they are to be there, and not to have the processors.
const PAUSE: Duration = Duration::from_millis(120);

const COME_WITHIN: Duration = Duration::from_secs(30);

/// The schema in which they work.
pub const SCHEMA: &str = "bystanders";

/// What they work with: at the end of each transaction it is as empty as it was.
const PLACE: &str = "CREATE SCHEMA IF NOT EXISTS bystanders; CREATE TABLE IF NOT EXISTS bystanders.work (id serial PRIMARY KEY, level text, n int)";

/// Their transactions, in turn.
const TRANSACTIONS: [&str; 4] = [
    "INSERT INTO bystanders.work (level, n) VALUES ('{level}', 1); UPDATE bystanders.work SET n = n + 1 WHERE level = '{level}';
     SELECT count(*) FROM pg_class; DELETE FROM bystanders.work WHERE level = '{level}'",
    "CREATE TEMPORARY TABLE staging (id int PRIMARY KEY, t text) ON COMMIT DROP; INSERT INTO staging VALUES (1, 'one')",
    "CREATE TABLE bystanders.\"made {level}\" (id int PRIMARY KEY, t text DEFAULT 'none' CHECK (t <> '')); COMMENT ON TABLE
     bystanders.\"made {level}\" IS 'made and gone'",
    "DROP TABLE IF EXISTS bystanders.\"made {level}\"",
];

/// Whether databases of tests have bystanders.
pub fn asked_for() -> bool {
    std::env::var_os(ASKED_FOR).is_some()
}

/// They begin to work, and end with their sessions or with the database.
pub fn begin(database: &Config) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();

    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
    });
    block_on(async { open(database).await.batch_execute(PLACE).await.expect("a place for bystanders") });
    // Whoever sends them away must find them all.
    let (came, all_came) = mpsc::channel();
    for level in LEVELS {
        let (database, came) = (database.clone(), came.clone());
        runtime.spawn(async move {
            if let Ok((client, connection)) = database.connect(tokio_postgres::NoTls).await {
                tokio::spawn(connection);
                let _: Result<(), mpsc::SendError<()>> = came.send(());
                while !client.is_closed() {
                    work(&client, level).await;
                }
            }
        });
    }
    for _ in LEVELS {
        all_came.recv_timeout(COME_WITHIN).expect("bystanders");
    }
}

async fn work(client: &Client, level: &str) {
    for transaction in TRANSACTIONS {
        let statements = transaction.replace("{level}", level);
        let done = client.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}; {statements}; COMMIT")).await;
        if done.is_err() {
            // A serialization failure, for one. What was begun is given up, and the next one begins.
            let _: Result<(), Error> = client.batch_execute("ROLLBACK").await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
