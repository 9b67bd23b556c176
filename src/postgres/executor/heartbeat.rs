//! Signs of life, so that others can tell a runner that works from one that hangs.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::sleep};

use crate::postgres::{
    connection::Connection,
    journal::{Claim, sign_of_life},
    progress::{SessionProgress, Tell},
};

/// Pause between two signs.
const SIGN_EVERY: Duration = Duration::from_secs(5);

/// Leaves signs of life for as long as it lives.
pub(super) struct Heartbeat(JoinHandle<()>);

impl Heartbeat {
    /// Begins on the session that holds the run lock. A sign that can't be left is no failure of the run; people are told once.
    pub(super) fn begin(lock: &Arc<Connection>, claim: Claim, tell: &Tell) -> Self {
        let (lock, tell, mut is_told) = (Arc::clone(lock), Arc::clone(tell), false);
        Heartbeat(tokio::spawn(async move {
            while !lock.is_closed() {
                if let Err(failure) = sign_of_life(&lock.client, claim).await
                    && !lock.is_closed()
                    && !std::mem::replace(&mut is_told, true)
                {
                    tell(SessionProgress::Trouble(Box::new(failure)));
                }
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
