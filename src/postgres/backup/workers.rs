//! Copies side by side: sessions on one snapshot draw tables from one queue.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio_postgres::Client;

use super::{
    copy_table::{Assignment, copy_table},
    manifest::TableCopy,
};
use crate::{
    machine::Failure,
    postgres::{digest::Algorithm, error_class::failure},
};

/// Pause between two requests to stop, where one of the sessions has failed.
const STOP_EVERY: Duration = Duration::from_millis(200);

/// Copies the tables, in order of the queue, and returns when no session is at work any more. When one fails, the others'
/// statements are cancelled.
///
/// # Errors
/// The first failure.
pub async fn copy_all(
    (backup, backup_schema): (&str, &str),
    algorithm: Algorithm,
    assignments: Vec<Assignment>,
    coordinator: &Client,
    copiers: &[&Client],
) -> Result<Vec<TableCopy>, Failure> {
    let queue = Queue(Mutex::new(assignments.into()));
    let pids = backend_ids(copiers).await?;
    let work = |client| draw(client, backup, backup_schema, algorithm, &queue);
    let mut working: FuturesUnordered<_> = copiers.iter().map(|client| work(*client)).collect();
    let mut tables = Vec::new();
    let mut first_failure = None;
    loop {
        tokio::select! {
            done = working.next() => match done {
                Some(Ok(copies)) => tables.extend(copies),
                Some(Err(failure)) => {
                    first_failure.get_or_insert(failure);
                }
                None => break,
            },
            () = tokio::time::sleep(STOP_EVERY) => {}
        }
        if first_failure.is_some() {
            queue.close();
            // A coordinator that copies alone has nobody to cancel, and would only wait for itself.
            if !copiers.iter().any(|client| std::ptr::eq(*client, coordinator)) {
                cancel(coordinator, &pids).await;
            }
        }
    }
    first_failure.map_or(Ok(tables), Err)
}

/// Tables that nobody has begun to copy.
struct Queue(Mutex<VecDeque<Assignment>>);

impl Queue {
    fn next(&self) -> Option<Assignment> {
        self.lock().pop_front()
    }

    fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Assignment>> {
        // A queue is whole whatever happened to the session that drew from it.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

async fn draw(
    client: &Client,
    backup: &str,
    backup_schema: &str,
    algorithm: Algorithm,
    queue: &Queue,
) -> Result<Vec<TableCopy>, Failure> {
    let mut copies = Vec::new();
    while let Some(assignment) = queue.next() {
        copies.push(copy_table(client, backup, backup_schema, algorithm, &assignment).await?);
    }
    Ok(copies)
}

async fn backend_ids(clients: &[&Client]) -> Result<Vec<i32>, Failure> {
    let mut pids = Vec::with_capacity(clients.len());
    for client in clients {
        let row = client.query_one("SELECT pg_catalog.pg_backend_pid()", &[]).await;
        pids.push(row.and_then(|row| row.try_get(0)).map_err(|error| failure("backstop::backup::copy_failed", &error))?);
    }
    Ok(pids)
}

/// A cancelled session that is between two statements misses it, so this is said again until all have stopped. Another
/// failure here has the same cause as the one that led to it.
async fn cancel(coordinator: &Client, pids: &[i32]) {
    const CANCEL: &str = "SELECT pg_catalog.pg_cancel_backend(w.pid) FROM pg_catalog.unnest($1::pg_catalog.int4[]) AS w(pid) \
                          WHERE w.pid <> pg_catalog.pg_backend_pid()";
    let _ = coordinator.execute(CANCEL, &[&pids]).await;
}
