//! Several sessions for work side by side.

use std::{
    num::NonZeroUsize,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool_postgres::{Connect, Manager, ManagerConfig, Object, RecyclingMethod, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};

use super::{
    connect_error::ConnectError,
    options::ConnectOptions,
    session::{Connection, connect},
};
use crate::machine::Failure;

/// A returned session that does not come to rest within this time, because a statement still runs in it, is given up.
const REST: Duration = Duration::from_secs(5);

/// Brings a session back to how it began. Not `DISCARD ALL`: that would also drop statements that the driver keeps prepared.
const RESET: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; SET search_path = pg_catalog, pg_temp; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// Sessions that are opened when they are needed, at most as many as the pool's size, and given back when dropped.
pub struct Pool {
    sessions: deadpool_postgres::Pool,
    refusal: Refusal,
}

/// Why the last session could not be opened: the pool itself only carries the driver's errors.
type Refusal = Arc<Mutex<Option<ConnectError>>>;

/// A pool of sessions. Nothing is connected to yet.
///
/// # Errors
/// When the pool can't be made.
pub fn pool(options: &ConnectOptions, size: NonZeroUsize, application_name: &str) -> Result<Pool, Failure> {
    let refusal = Refusal::default();
    let opener =
        Opener { options: options.clone(), application_name: application_name.to_owned(), refusal: Arc::clone(&refusal) };
    let config = ManagerConfig { recycling_method: RecyclingMethod::Custom(RESET.to_owned()) };
    let sessions = deadpool_postgres::Pool::builder(Manager::from_connect(Config::new(), opener, config))
        .max_size(size.get())
        .recycle_timeout(Some(REST))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| Failure::permanent("backstop::connect::pool", error.to_string()))?;
    Ok(Pool { sessions, refusal })
}

impl Pool {
    /// A session; waits while all of them are in use.
    ///
    /// # Errors
    /// When no session can be opened: as [`connect`].
    pub async fn get(&self) -> Result<Object, Failure> {
        self.sessions.get().await.map_err(|error| match take(&self.refusal) {
            Some(refused) => refused.into(),
            None => Failure::permanent("backstop::connect::pool", error.to_string()),
        })
    }
}

fn take(refusal: &Refusal) -> Option<ConnectError> {
    refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Opens the pool's sessions the same way as every other one.
struct Opener {
    options: ConnectOptions,
    application_name: String,
    refusal: Refusal,
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Opener {
    fn connect(&self, _: &Config) -> Opening<'_> {
        Box::pin(async move {
            match connect(&self.options, &self.application_name).await {
                Ok(connection) => Ok(parts(connection)),
                Err(refused) => {
                    *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
                    Err(placeholder())
                }
            }
        })
    }
}

/// The client, and a task that ends with its session.
fn parts(connection: Connection) -> (Client, JoinHandle<()>) {
    let (client, ended) = connection.into_client();
    (client, tokio::spawn(ended))
}

/// Some error of the driver's, which can only be had from the driver; [`Pool::get`] tells the real one.
fn placeholder() -> Error {
    "no_such_option=".parse::<Config>().expect_err("an unknown option is an error of the driver's")
}
