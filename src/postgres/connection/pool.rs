//! Several sessions for work side by side.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use deadpool_postgres::{Connect, Manager, ManagerConfig, RecyclingMethod, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};

use super::{
    connect::connect,
    connect_error::ConnectError,
    options::ConnectOptions,
    session::{Connection, SessionClient, SessionHandle},
};
use crate::machine::Failure;

/// A returned session that does not come to rest within this time, because a statement still runs in it, is given up.
const REST: Duration = Duration::from_secs(5);

/// Brings a session back to how it began. Not `DISCARD ALL`: that would also drop statements that the driver keeps prepared.
const RESET: &str = "ROLLBACK; CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET search_path = pg_catalog, pg_temp; \
                     UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

const CODE: &str = "backstop::connect::pool";

/// Sessions that are opened when they are needed, at most as many as the pool's size, and given back when dropped.
pub struct Pool {
    sessions: deadpool_postgres::Pool,
    opened: Arc<Mutex<PoolState>>,
}

/// What the pool's own type has no place for.
#[derive(Default)]
struct PoolState {
    /// By the process of the server.
    lines: HashMap<i32, SessionHandle>,
    /// Why the last session could not be opened: the pool itself only carries the driver's errors.
    refusal: Option<ConnectError>,
}

impl Pool {
    /// A pool of sessions. Nothing is connected to yet.
    ///
    /// # Errors
    /// When the pool can't be made.
    pub fn new(options: &ConnectOptions, size: NonZeroUsize, application_name: &str) -> Result<Pool, Failure> {
        let opened = Arc::default();
        let opener =
            Opener { options: options.clone(), application_name: application_name.to_owned(), opened: Arc::clone(&opened) };
        let config = ManagerConfig { recycling_method: RecyclingMethod::Custom(RESET.to_owned()) };
        let sessions = deadpool_postgres::Pool::builder(Manager::from_connect(Config::new(), opener, config))
            .max_size(size.get())
            .recycle_timeout(Some(REST))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Failure::permanent(CODE, error.to_string()))?;
        Ok(Pool { sessions, opened })
    }

    /// A session; waits while all of them are in use.
    ///
    /// # Errors
    /// When no session can be opened: as [`connect`].
    pub async fn get(&self) -> Result<Connection, Failure> {
        let object = self.sessions.get().await.map_err(|error| match locked(&self.opened).refusal.take() {
            Some(refused) => refused.into(),
            None => Failure::permanent(CODE, error.to_string()),
        })?;
        let pid = process(&object).await.map_err(|error| Failure::permanent(CODE, error.to_string()))?;
        let line = locked(&self.opened).lines.get(&pid).cloned();
        let line = line.ok_or_else(|| Failure::permanent(CODE, "a session changed its process of the server"))?;
        Ok(Connection::joined(SessionClient::Pooled(object), line))
    }
}

fn locked(opened: &Mutex<PoolState>) -> MutexGuard<'_, PoolState> {
    opened.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn process(client: &Client) -> Result<i32, Error> {
    client.query_one("SELECT pg_catalog.pg_backend_pid()", &[]).await?.try_get(0)
}

/// Opens the pool's sessions the same way as every other one.
struct Opener {
    options: ConnectOptions,
    application_name: String,
    opened: Arc<Mutex<PoolState>>,
}

type OpeningFuture<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Opener {
    fn connect(&self, _: &Config) -> OpeningFuture<'_> {
        Box::pin(async move {
            let connection = match connect(&self.options, &self.application_name).await {
                Ok(connection) => connection,
                Err(refused) => {
                    locked(&self.opened).refusal = Some(refused);
                    return Err(placeholder());
                }
            };
            let (client, line) = connection.into_parts().ok_or_else(placeholder)?;
            let pid = process(&client).await?;
            locked(&self.opened).lines.insert(pid, line.clone());
            Ok((client, tokio::spawn(line.ended())))
        })
    }
}

/// Some error of the driver's, which can only be had from the driver; [`Pool::get`] tells the real one.
#[expect(clippy::expect_used, reason = "only the driver makes its errors, and this is none of its options")]
fn placeholder() -> Error {
    "no_such_option=".parse::<Config>().expect_err("an unknown option is an error of the driver's")
}
