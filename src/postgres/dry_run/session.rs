//! The session, and the structure that it sees.

use tokio_postgres::Client;

use crate::{
    catalog::Snapshot,
    machine::Failure,
    postgres::{
        capture,
        connection::{self, ConnectError, ConnectOptions, Connection, Reason},
        error_class, ownership,
        preflight::refuse_pooler,
        session,
    },
};

/// What sessions that only look are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop plan";

/// Opens a session in which the server refuses to write, whatever asks it to.
///
/// # Errors
/// As [`connection::connect`]; [`SessionRefusal::Failed`] behind a pooler that hands its sessions around; [`SessionRefusal::Writable`] where the
/// session could write all the same.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, SessionRefusal> {
    let connection = open(options).await?;
    ownership::refuse_foreign(&connection.client, &[ownership::JOURNAL]).await.map_err(SessionRefusal::Failed)?;
    Ok(connection)
}

async fn open(options: &ConnectOptions) -> Result<Connection, SessionRefusal> {
    match connection::connect(&options.read_only(), APPLICATION).await {
        // A pooler refuses startup options, or keeps them to itself.
        Err(error) if error.reason() == Reason::OptionsRefused => connect_and_set(options).await,
        Err(error) => Err(error.into()),
        Ok(connection) if is_read_only(&connection.client).await? => Ok(connection),
        Ok(_) => connect_and_set(options).await,
    }
}

/// The same by a setting of the session, which must be one of the server's own then: behind a pooler that hands its sessions around
/// the setting would stay with somebody else's.
async fn connect_and_set(options: &ConnectOptions) -> Result<Connection, SessionRefusal> {
    let options = options.for_looking();
    let connection = connection::connect(&options, APPLICATION).await?;
    let other = connection::connect(&options, APPLICATION).await?;
    refuse_pooler(&[&connection.client, &other.client]).await.map_err(SessionRefusal::Failed)?;
    session::begin_read_only(&connection.client).await.map_err(SessionRefusal::Failed)?;
    if is_read_only(&connection.client).await? {
        return Ok(connection);
    }
    Err(SessionRefusal::Writable(
        Failure::permanent("backstop::plan::writable_session", "the session could write, whatever it was told")
            .hint("Connect to the server itself, not through a pooler."),
    ))
}

async fn is_read_only(client: &Client) -> Result<bool, SessionRefusal> {
    const SHOW: &str = "SELECT current_setting('transaction_read_only')::boolean AND current_setting('default_transaction_read_only')::boolean";
    let asked = client.query_typed_one(SHOW, &[]).await.and_then(|row| row.try_get(0));
    asked.map_err(|error| SessionRefusal::Failed(error_class::failure("backstop::plan::no_session", &error)))
}

/// Why there is no such session.
#[derive(Debug)]
pub enum SessionRefusal {
    /// There is no session.
    Connect(Box<ConnectError>),
    /// It could write.
    Writable(Failure),
    /// It could not be asked.
    Failed(Failure),
}

impl From<ConnectError> for SessionRefusal {
    fn from(error: ConnectError) -> Self {
        SessionRefusal::Connect(Box::new(error))
    }
}

/// The structure of the database, without these schemas and backstop's own.
///
/// # Errors
/// `backstop::plan::not_looked`, with what the server said.
pub async fn structure(client: &Client, without: &[String]) -> Result<Snapshot, Failure> {
    capture::snapshot(client, without).await.map_err(|error| error_class::failure("backstop::plan::not_looked", &error))
}
