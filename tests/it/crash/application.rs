//! The application beside a run: what it writes is known in advance, and what the server acknowledged is remembered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use backstop::postgres::connection::{ConnectOptions, connect};
use tokio_postgres::{Client, error::SqlState};

use crate::support::{TestDatabase, block_on};

/// Pause before another look, or another attempt.
const POLL: Duration = Duration::from_millis(20);
/// The run may be stopped while it holds locks; and what the server has acknowledged must be there after its crash.
const SESSION: &str = "SET lock_timeout = '200ms'; SET synchronous_commit = on";

/// A moment at which the application writes; each has rows of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// When the backup is there. The plan waits for that.
    Awaited,
    /// When the run stands before its gate.
    AtTheGate,
    /// When it was struck, before anybody has taken it up.
    AfterTheBlow,
}

impl Turn {
    /// What it writes then. Made twice, each is as if made once, and none depends on another.
    fn writes(self) -> [String; 3] {
        let n = self as u32;
        [
            format!("INSERT INTO items (id, name) VALUES ({}, 'theirs') ON CONFLICT DO NOTHING", 1000 + n),
            format!("UPDATE items SET name = 'theirs' WHERE id = {}", 110 + n),
            format!("DELETE FROM items WHERE id = {}", 120 + n),
        ]
    }
}

/// The application: it writes as soon as a backup is there, again and again until the server has acknowledged it.
pub struct Application {
    url: String,
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    acknowledged: Vec<String>,
}

impl Application {
    pub fn start(database: &TestDatabase) -> Self {
        let (url, stop) = (database.url.clone(), Arc::new(AtomicBool::new(false)));
        let writer = {
            let (url, stop) = (url.clone(), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) && !block_on(write_awaited(&url, &stop)) {
                    thread::sleep(POLL);
                }
            })
        };
        Application { url, stop, writer: Some(writer), acknowledged: Vec::new() }
    }

    /// Tries each write of this turn once.
    pub fn write(&mut self, turn: Turn) {
        let acknowledged = block_on(async {
            let session = session(&self.url).await.expect("a session of the application");
            let mut acknowledged = Vec::new();
            for write in turn.writes() {
                match session.client.batch_execute(&write).await {
                    Ok(()) => acknowledged.push(write),
                    Err(error) => assert_eq!(error.code(), Some(&SqlState::LOCK_NOT_AVAILABLE), "{write}: {error:?}"),
                }
            }
            acknowledged
        });
        self.acknowledged.extend(acknowledged);
    }

    /// What was acknowledged so far beside what the plan waited for.
    pub fn acknowledged(&self) -> &[String] {
        &self.acknowledged
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.writer.take().map(JoinHandle::join);
    }
}

/// What is written in any case.
pub fn awaited() -> Vec<String> {
    Turn::Awaited.writes().to_vec()
}

async fn session(url: &str) -> Option<backstop::postgres::connection::Connection> {
    let options = ConnectOptions::from_url(url).expect("the URL of the test's database");
    let session = connect(&options, "application").await.ok()?;
    session.client.batch_execute("SET search_path = public").await.ok()?;
    session.client.batch_execute(SESSION).await.ok()?;
    Some(session)
}

/// Whether all of it is acknowledged; false where the server went away meanwhile, or a lock was not to be had.
async fn write_awaited(url: &str, stop: &AtomicBool) -> bool {
    let Some(session) = session(url).await else { return false };
    written(&session.client, stop).await.unwrap_or(false)
}

async fn written(client: &Client, stop: &AtomicBool) -> Result<bool, tokio_postgres::Error> {
    const TAKEN: &str = "SELECT EXISTS (SELECT FROM backstop.events WHERE kind = 'backup_completed')";
    while !client.query_one(TAKEN, &[]).await?.get::<_, bool>(0) {
        if stop.load(Ordering::SeqCst) {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
    }
    for write in Turn::Awaited.writes() {
        client.batch_execute(&write).await?;
    }
    client.batch_execute("INSERT INTO others VALUES (1)").await?;
    Ok(true)
}
