//! Structure: captured, compared, and brought back, on a real server.

mod migrations;
mod neighbours;
mod notice;
mod refusal;
mod server;
mod way_back;

use backstop::{
    catalog::{Kind, ObjectKey, diff, fingerprint},
    postgres::capture,
};

use std::sync::Arc;

use migrations::{MIGRATIONS, MIGRATIONS_14, MIGRATIONS_15, MIGRATIONS_18, Migration};
use server::Database;
use tokio::sync::Semaphore;
use way_back::Backup;

/// A database with everything that is modelled, odd names included.
const MUSEUM: &str = include_str!("catalog/museum.sql");

/// What newer servers have beside it: from which version on, what it is, and what migrations do to it.
const NEWER: [(i32, &str, &[Migration]); 3] = [
    (140_000, include_str!("catalog/museum_14.sql"), MIGRATIONS_14),
    (150_000, include_str!("catalog/museum_15.sql"), MIGRATIONS_15),
    (180_000, include_str!("catalog/museum_18.sql"), MIGRATIONS_18),
];

/// How many databases are worked on side by side.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn a_snapshot_is_the_same_in_and_out_of_a_transaction_and_leaves_the_session_alone() {
    let database = Database::create("capture", MUSEUM).await;
    let client = &database.client;
    client.batch_execute("SET search_path = museum, public; SET DateStyle = 'German'").await.unwrap();
    let outside = capture::snapshot(client, &[]).await.unwrap();
    client.batch_execute("BEGIN; SET LOCAL search_path = shop; CREATE TABLE public.brand_new (id int)").await.unwrap();
    let inside = capture::snapshot(client, &[]).await.unwrap();
    let path: String = client.query_one("SHOW search_path", &[]).await.unwrap().get(0);
    assert_eq!(path, "shop");
    client.batch_execute("ROLLBACK").await.unwrap();
    let path: String = client.query_one("SHOW search_path", &[]).await.unwrap().get(0);
    assert_eq!(path, "museum, public");
    let changes = diff(&outside, &inside);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].object, ObjectKey::table("public", "brand_new"));
    let again = capture::snapshot(client, &[]).await.unwrap();
    assert_eq!(fingerprint(&outside), fingerprint(&again));
    for kind in [Kind::Schema, Kind::Type, Kind::Sequence, Kind::Function, Kind::Table, Kind::Constraint] {
        assert!(outside.objects.keys().any(|key| key.kind == kind), "no {kind:?}");
    }
    let json = serde_json::to_string(&outside).unwrap();
    assert_eq!(serde_json::from_str::<backstop::catalog::Snapshot>(&json).unwrap(), outside);
}

/// The heart of it: whatever a migration did to the museum, the script leads back, and `pg_dump` can tell no difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_migration_has_a_way_back() {
    let database = Database::create("museum", MUSEUM).await;
    let version: i32 =
        database.client.query_one("SELECT current_setting('server_version_num')::int", &[]).await.unwrap().get(0);
    let mut migrations = MIGRATIONS.to_vec();
    for (since, script, more) in NEWER.iter().filter(|(since, _, _)| version >= *since) {
        database.client.batch_execute(script).await.unwrap_or_else(|error| panic!("{since}: {:?}", error.as_db_error()));
        migrations.extend_from_slice(more);
    }
    let template = database.close().await;
    let only = std::env::var("BACKSTOP_TEST_MIGRATION").ok();
    let mut failed = Vec::new();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = Vec::new();
    for (name, sql) in migrations.into_iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        let (places, template) = (places.clone(), template.clone());
        let run = async move {
            let _place = places.acquire().await;
            there_and_back(template, name, sql).await;
        };
        runs.push((name, tokio::spawn(run)));
    }
    for (name, run) in runs {
        if run.await.is_err() {
            failed.push(name);
        }
    }
    Database::discard(&template).await;
    assert!(failed.is_empty(), "no way back from: {failed:#?}");
}

async fn there_and_back(template: String, name: &'static str, sql: &'static str) {
    let database = Database::copy("back", &template).await;
    let backup = Backup::take(&database, |_| true).await;
    if let Err(error) = database.client.batch_execute(&format!("BEGIN;\n{sql};\nCOMMIT")).await {
        panic!("{name}: {:?}", error.as_db_error());
    }
    let back = match backup.restore(&database).await {
        Ok(back) => back,
        Err(problems) => panic!("{name}: {problems:#?}"),
    };
    let respelled: Vec<String> = back.comparison.respelled.iter().map(ToString::to_string).collect();
    println!("{name}: {} actions; respelled: {}", back.script.actions.len(), respelled.join(", "));
    backup.assert_back(name, &database, &back).await;
    database.drop().await;
}
