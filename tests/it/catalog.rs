//! Structure: captured, compared, and brought back, on a real server.

mod account;
mod database;
mod forms;
mod migrations;
mod migrations_attached;
mod migrations_kinds;
mod migrations_odd;
mod migrations_order;
mod migrations_trees;
mod neighbours;
mod notice;
mod operators;
mod owner;
mod refusal;
mod server;
mod way_back;
mod worker;

use backstop::{
    catalog::{ObjectKey, ObjectKind, diff, fingerprint},
    postgres::capture,
};

use std::sync::{Arc, Mutex};

use migrations::{MIGRATIONS, MIGRATIONS_14, MIGRATIONS_15, MIGRATIONS_17, MIGRATIONS_18, Migration};
use migrations_attached::MIGRATIONS_ATTACHED;
use migrations_kinds::{MIGRATIONS_KINDS, MIGRATIONS_KINDS_15};
use migrations_odd::MIGRATIONS_ODD;
use migrations_order::MIGRATIONS_ORDER;
use migrations_trees::{MIGRATIONS_TREES, MIGRATIONS_TREES_17, MIGRATIONS_TREES_18};
use server::Database;
use tokio::sync::Semaphore;
use way_back::Backup;
use worker::{Applied, Verdict, Worker};

use crate::support::{Chance, TestDatabase};

/// A database with everything that is modelled, odd names included.
const MUSEUM: &str = include_str!("catalog/museum.sql");

/// What stands beside it, and what newer servers have: from which version on, what it is, and what migrations do to it.
const NEWER: [(i32, &str, &[Migration]); 12] = [
    (130_000, include_str!("catalog/museum_kinds.sql"), MIGRATIONS_KINDS),
    (130_000, include_str!("catalog/museum_odd.sql"), MIGRATIONS_ODD),
    (130_000, include_str!("catalog/museum_trees.sql"), MIGRATIONS_TREES),
    (130_000, include_str!("catalog/museum_attached.sql"), MIGRATIONS_ATTACHED),
    (130_000, include_str!("catalog/museum_order.sql"), MIGRATIONS_ORDER),
    (140_000, include_str!("catalog/museum_14.sql"), MIGRATIONS_14),
    (150_000, include_str!("catalog/museum_15.sql"), MIGRATIONS_15),
    (150_000, include_str!("catalog/museum_kinds_15.sql"), MIGRATIONS_KINDS_15),
    (170_000, include_str!("catalog/museum_17.sql"), MIGRATIONS_17),
    (170_000, include_str!("catalog/museum_trees_17.sql"), MIGRATIONS_TREES_17),
    (180_000, include_str!("catalog/museum_18.sql"), MIGRATIONS_18),
    (180_000, include_str!("catalog/museum_trees_18.sql"), MIGRATIONS_TREES_18),
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
    for kind in [
        ObjectKind::Schema,
        ObjectKind::Type,
        ObjectKind::Sequence,
        ObjectKind::Function,
        ObjectKind::Table,
        ObjectKind::Constraint,
    ] {
        assert!(outside.objects.keys().any(|key| key.kind == kind), "no {kind:?}");
    }
    let json = serde_json::to_string(&outside).unwrap();
    assert_eq!(serde_json::from_str::<backstop::catalog::Snapshot>(&json).unwrap(), outside);
}

/// The heart of it: whatever a migration did to the museum, the script leads back, and `pg_dump` can tell no difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_migration_has_a_way_back() {
    let (template, migrations) = museum().await;
    let only = std::env::var("BACKSTOP_TEST_MIGRATION").ok();
    let is_chosen = |(name, _): &Migration| only.as_ref().is_none_or(|only| name.starts_with(only.as_str()));
    let mut chosen: Vec<Migration> = migrations.into_iter().filter(is_chosen).collect();
    if only.is_none() && std::env::var("BACKSTOP_TEST_CASES").is_err() {
        chosen = not_proven_in_transactions(&template, chosen).await;
    }
    all_lead_back(template, chosen.into_iter().map(|migration| vec![migration]).collect()).await;
}

/// How many of the migrations have a database of their own in the ordinary run: one of so many, and all that need one.
const ALONE: usize = 12;

/// How many migrations are made and taken back at once: of such that stand far from each other, and change different parts of the museum.
const AT_A_TIME: usize = 4;

/// Makes the migrations and takes them back in transactions that are rolled back, some at a time, and gives those that are to be looked at
/// more closely.
async fn not_proven_in_transactions(template: &TestDatabase, migrations: Vec<Migration>) -> Vec<Migration> {
    let (alone, together): (Vec<_>, Vec<_>) = migrations.into_iter().enumerate().partition(|(n, _)| n % ALONE == 0);
    let together: Vec<Migration> = together.into_iter().map(|(_, migration)| migration).collect();
    let apart = together.len().div_ceil(AT_A_TIME);
    let bundles: Vec<Vec<Migration>> =
        (0..apart).map(|first| together.iter().skip(first).step_by(apart).copied().collect()).collect();
    let waiting: Arc<Mutex<Vec<Vec<Migration>>>> = Arc::new(Mutex::new(bundles));
    let mut runs = Vec::new();
    for _ in 0..AT_ONCE {
        let worker = Worker::new(template).await;
        let waiting = waiting.clone();
        runs.push(tokio::spawn(async move {
            let mut left = Vec::new();
            loop {
                let Some(bundle) = waiting.lock().expect("migrations").pop() else { break };
                let choice = |migration: &Migration| vec![Applied { statements: vec![migration.1.to_owned()] }];
                let choices: Vec<_> = bundle.iter().map(choice).collect();
                let (verdict, done) = worker.judge(&choices).await;
                if verdict == Verdict::Restored && done.iter().all(Option::is_some) {
                    continue;
                }
                for (migration, choice) in bundle.into_iter().zip(choices) {
                    if worker.judge(&[choice]).await.0 != Verdict::Restored {
                        left.push(migration);
                    }
                }
            }
            left
        }));
    }
    let mut chosen: Vec<Migration> = alone.into_iter().map(|(_, migration)| migration).collect();
    for run in runs {
        chosen.extend(run.await.expect("a worker"));
    }
    println!("{} migrations in databases of their own", chosen.len());
    chosen
}

/// Several migrations on top of each other, as far as each can be run after the ones before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn migrations_on_top_of_each_other_have_a_way_back() {
    let (template, migrations) = museum().await;
    let number = |name: &str, default| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default);
    let mut chance = Chance::new(number("BACKSTOP_TEST_SEED", 42));
    let stacks = (0..number("BACKSTOP_TEST_STACKS", 12))
        .map(|_| (0..STACK).map(|_| migrations[chance.below(migrations.len())]).collect())
        .collect();
    all_lead_back(template, stacks).await;
}

/// How many migrations are put on top of each other.
const STACK: usize = 4;

/// A museum that others can be copied from, with all that this server's version knows, and what is done to it.
async fn museum() -> (TestDatabase, Vec<Migration>) {
    let database = Database::create("museum", MUSEUM).await;
    let version: i32 =
        database.client.query_one("SELECT current_setting('server_version_num')::int", &[]).await.unwrap().get(0);
    let mut migrations = MIGRATIONS.to_vec();
    for (since, script, more) in NEWER.iter().filter(|(since, _, _)| version >= *since) {
        database.client.batch_execute(script).await.unwrap_or_else(|error| panic!("{since}: {:?}", error.as_db_error()));
        migrations.extend_from_slice(more);
    }
    (database.into_template(), migrations)
}

async fn all_lead_back(template: TestDatabase, stacks: Vec<Vec<Migration>>) {
    let (places, template) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(template));
    let mut runs = Vec::new();
    for stack in stacks {
        let (places, template) = (places.clone(), template.clone());
        let names: Vec<&str> = stack.iter().map(|(name, _)| *name).collect();
        let run = async move {
            let _place = places.acquire().await;
            there_and_back(&template, &stack).await;
        };
        runs.push((names.join(" + "), tokio::spawn(run)));
    }
    let mut failed = Vec::new();
    for (name, run) in runs {
        if run.await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "no way back from: {failed:#?}");
}

async fn there_and_back(template: &TestDatabase, stack: &[Migration]) {
    let database = Database::copy("back", template).await;
    let backup = Backup::take(&database, |_| true).await;
    let mut done = Vec::new();
    for (name, sql) in stack {
        match database.client.batch_execute(&format!("BEGIN;\n{sql};\nCOMMIT")).await {
            Ok(()) => done.push(*name),
            // On top of another a migration may not find what it changes; alone it must.
            Err(_) if stack.len() > 1 => database.client.batch_execute("ROLLBACK").await.unwrap(),
            Err(error) => panic!("{name}: {:?}", error.as_db_error()),
        }
    }
    let name = done.join(" + ");
    let back = match backup.restore(&database).await {
        Ok(back) => back,
        Err(problems) => panic!("{name}: {problems:#?}"),
    };
    let respelled: Vec<String> = back.comparison.respelled.iter().map(ToString::to_string).collect();
    println!("{name}: {} actions; respelled: {}", back.script.actions.len(), respelled.join(", "));
    backup.assert_back(&name, &database, &back).await;
}
