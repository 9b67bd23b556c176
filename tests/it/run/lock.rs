//! The run lock.

use std::time::{Duration, Instant};

use backstop::postgres::{
    journal,
    lock::{self, LockRefused},
};
use uuid::Uuid;

use super::{database::Database, plans::run_started};

#[tokio::test]
async fn one_run_a_database_and_the_holder_is_named() {
    let database = Database::fresh().await;
    let (first, second) = (database.client().await, database.client().await);
    first.batch_execute("SET application_name = 'backstop multi-org'").await.unwrap();
    journal::install(&first).await.unwrap();
    lock::acquire(&first, Duration::ZERO, |_| {}).await.unwrap();
    let run = Uuid::now_v7();
    let claim = journal::claim(&first, run, "me").await.unwrap();
    journal::append(&first, claim, journal::Fence::Hold, 1, &run_started(run, "multi-org")).await.unwrap();

    let started = Instant::now();
    let mut told = Vec::new();
    let refused = lock::acquire(&second, Duration::from_millis(700), |holder| told.push(holder.to_string())).await;
    assert!(started.elapsed() >= Duration::from_millis(700));
    let Err(LockRefused::Busy(Some(holder))) = refused else { panic!("{refused:?}") };
    assert_eq!(holder.run, Some((run, "multi-org".to_owned())));
    assert_eq!(holder.application.as_deref(), Some("backstop multi-org"));
    let named = |told: &str| {
        let (named, seen) = told.split_once(", last sign of life ").unwrap_or_else(|| panic!("{told}"));
        assert!(seen.ends_with(" s ago"), "{told}");
        named.to_owned()
    };
    assert_eq!(told.iter().map(|told| named(told)).collect::<Vec<_>>(), [named(&holder.to_string())]);
    let running: String = second.query_one("SELECT state FROM backstop.status", &[]).await.unwrap().get(0);
    assert_eq!(running, "running");

    // Another database of the same server is another matter.
    let elsewhere = Database::fresh().await;
    let other = elsewhere.client().await;
    journal::make(&other).await.unwrap();
    lock::acquire(&other, Duration::ZERO, |_| {}).await.unwrap();

    let waiting = tokio::spawn(async move { lock::acquire(&second, Duration::from_secs(20), |_| {}).await });
    lock::release(&first).await.unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_lock_goes_with_its_session() {
    let database = Database::fresh().await;
    let first = database.client().await;
    journal::make(&first).await.unwrap();
    lock::acquire(&first, Duration::ZERO, |_| {}).await.unwrap();
    let second = database.client().await;
    let waiting = tokio::spawn(async move { lock::acquire(&second, Duration::from_secs(20), |_| {}).await });
    drop(first);
    waiting.await.unwrap().unwrap();
}
