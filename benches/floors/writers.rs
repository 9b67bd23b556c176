//! What the fence costs the application, against the same writes without one.

use std::time::{Duration, Instant};

use backstop::{
    plan::Writers,
    postgres::{
        fence::{FenceTerms, put_up},
        journal,
        table_lock::Patience,
    },
};
use tokio_postgres::Client;

use super::{pairs, pairs::Pairs, server::Server, size::Size};

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const TABLE: &str =
    "CREATE TABLE public.accounts (id bigint PRIMARY KEY, owner text, balance int, at timestamptz, facts jsonb)";
/// Statements that change one row each, in a transaction each.
const SINGLE: u32 = 200;

/// Writes to a table under each kind of fence that lets writers through.
pub async fn measure(server: &Server, size: Size) {
    let mut rows = Vec::new();
    for (writers, name) in [(Writers::Detect, "detect"), (Writers::Capture, "capture")] {
        let mut many = Pairs::new(format!("{} rows in one statement, `{name}`", size.profiles), "without a fence");
        let mut single = Pairs::new(format!("{SINGLE} transactions of one row, `{name}`"), "without a fence");
        for _ in 0..size.rounds {
            let ours = write(server, size.profiles, Some(writers)).await;
            let floor = write(server, size.profiles, None).await;
            many.add(ours.0, floor.0);
            single.add(ours.1, floor.1);
        }
        rows.extend([many, single]);
    }
    pairs::print("Writers", &rows);
}

async fn write(server: &Server, rows: u32, writers: Option<Writers>) -> (Duration, Duration) {
    let database = server.database(None).await;
    let session = database.session().await;
    let client = &session.client;
    journal::install(client).await.expect("the journal");
    client.batch_execute(TABLE).await.expect("a table");
    if let Some(writers) = writers {
        let terms = FenceTerms { run: RUN, plan: "bench", writers };
        let tables = [("public".to_owned(), "accounts".to_owned())];
        put_up(client, &terms, &tables, Patience::default()).await.expect("a fence");
    }
    let times = (many(client, rows).await, single(client, rows).await);
    server.drop(database).await;
    times
}

async fn many(client: &Client, rows: u32) -> Duration {
    let begun = Instant::now();
    let insert = format!(
        "INSERT INTO public.accounts SELECT i, 'owner ' || i, i, now(), '{{\"open\": true}}' FROM generate_series(1, {rows}) AS i"
    );
    client.batch_execute(&insert).await.expect("rows");
    begun.elapsed()
}

async fn single(client: &Client, rows: u32) -> Duration {
    let begun = Instant::now();
    for n in 0..SINGLE {
        let id = i64::from(n % rows + 1);
        let changed = client.execute("UPDATE public.accounts SET balance = balance + 1 WHERE id = $1", &[&id]).await;
        assert_eq!(changed.expect("a change"), 1);
    }
    begun.elapsed()
}
