//! The sessions that this process has open, so that none of their statements goes on at the server when the program ends at once.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::session::Cancel;

static OPEN: Mutex<Vec<(Weak<Client>, Cancel)>> = Mutex::new(Vec::new());

/// Keeps in mind what cancels the statements of a session, for as long as it is open.
pub(super) fn remember(client: &Arc<Client>, cancel: &Cancel) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|(client, _)| client.strong_count() > 0);
    open.push((Arc::downgrade(client), cancel.clone()));
}

/// Asks the server to cancel whatever runs in the sessions of this process, and waits no longer than this for it to be heard. For the
/// moment before the program ends: who goes on with a session would find another statement of it cancelled.
pub async fn cancel_all(within: Duration) {
    let open: Vec<Cancel> = {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter(|(client, _)| client.strong_count() > 0).map(|(_, cancel)| cancel.clone()).collect()
    };
    // Where the server can't be reached, the statements end when it finds that their client is gone.
    let _ = timeout(within, join_all(open.iter().map(Cancel::cancel))).await;
}
