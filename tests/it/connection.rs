//! Connecting as libpq does, against real servers.

mod errors;
mod session;
mod sources;
mod tls;

use backstop::postgres::connection::{ConnectError, ConnectOptions, Connection, ConnectionEnvironment, connect};

/// Connects in surroundings that hold nothing but what the test put there.
async fn open(conninfo: &str, environment: &ConnectionEnvironment) -> Result<Connection, ConnectError> {
    let options = ConnectOptions::resolve(Some(conninfo), environment)?;
    connect(&options, "test").await
}

/// The error of a connection that must not come about.
async fn refusal(conninfo: &str) -> ConnectError {
    match open(conninfo, &ConnectionEnvironment::default()).await {
        Err(error) => error,
        Ok(connection) => panic!("connected to {}", connection.place()),
    }
}
