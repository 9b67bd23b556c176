//! The sessions that this process has open, so that none of their statements goes on at the server when the program ends at once.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::timeout;

use super::session::{Cancel, End};

static OPEN: Mutex<Vec<(End, Cancel)>> = Mutex::new(Vec::new());

/// Keeps in mind what cancels the statements of a session, for as long as it is open.
pub(super) fn remember(end: &End, cancel: &Cancel) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|(end, _)| !end.is_there());
    open.push((end.clone(), cancel.clone()));
}

/// Asks the server to cancel whatever runs in the sessions of this process, and waits no longer than this for it to be heard. For the
/// moment before the program ends: who goes on with a session would find another statement of it cancelled.
pub async fn cancel_all(within: Duration) {
    let open: Vec<Cancel> = {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter(|(end, _)| !end.is_there()).map(|(_, cancel)| cancel.clone()).collect()
    };
    // Where the server can't be reached, the statements end when it finds that their client is gone.
    let _ = timeout(within, join_all(open.iter().map(Cancel::cancel))).await;
}
