//! Signs of life, so that others can tell a runner that works from one that hangs.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::sleep};

use crate::postgres::{
    connection::Connection,
    journal::{Claim, sign_of_life},
};

/// Pause between two signs.
const SIGN_EVERY: Duration = Duration::from_secs(5);

/// Leaves signs of life for as long as it lives.
pub(super) struct Heartbeat(JoinHandle<()>);

impl Heartbeat {
    /// Begins on the session that holds the run lock. A sign that can't be left is no failure of the run.
    pub(super) fn begin(lock: &Arc<Connection>, claim: Claim) -> Self {
        let lock = Arc::clone(lock);
        Heartbeat(tokio::spawn(async move {
            while !lock.is_closed() {
                let _ = sign_of_life(&lock.client, claim).await;
                sleep(SIGN_EVERY).await;
            }
        }))
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}
