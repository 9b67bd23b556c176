//! Several sessions for work side by side.

use std::{num::NonZeroUsize, time::Duration};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};

use super::{
    connect_error::ConnectError,
    options::ConnectOptions,
    session::{Connection, connect},
};

/// A returned session that does not come to rest within this time, because a statement still runs in it, is given up.
const REST: Duration = Duration::from_secs(5);

/// Brings a session back to how it began. Not `DISCARD ALL`: that would also drop statements that the driver keeps prepared.
const RESET: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// Sessions that are opened when they are needed, at most as many as the pool's size, and given back when dropped.
pub type Pool = managed::Pool<Sessions>;

/// Why the pool has no session to give.
pub type PoolError = managed::PoolError<ConnectError>;

/// A pool of sessions. Nothing is connected to yet.
pub fn pool(options: &ConnectOptions, size: NonZeroUsize, application_name: &str) -> Pool {
    let sessions = Sessions { options: options.clone(), application_name: application_name.to_owned() };
    // Building fails only where timeouts are set without a runtime, and none are.
    Pool::builder(sessions).max_size(size.get()).build().expect("a pool without timeouts needs no runtime")
}

/// Opens the pool's sessions and looks after them.
pub struct Sessions {
    options: ConnectOptions,
    application_name: String,
}

impl managed::Manager for Sessions {
    type Type = Connection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Connection, ConnectError> {
        connect(&self.options, &self.application_name).await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<ConnectError> {
        if connection.is_closed() {
            return Err(RecycleError::message("the session has ended"));
        }
        match tokio::time::timeout(REST, connection.client.batch_execute(RESET)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(RecycleError::message(error.to_string())),
            Err(_) => return Err(RecycleError::message("a statement still runs in the session")),
        }
        // Also the warning that there was no transaction to roll back.
        connection.take_notices();
        Ok(())
    }
}
