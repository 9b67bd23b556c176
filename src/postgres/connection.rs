//! Sessions on a server: where to connect, how it is encrypted, and what went wrong when it did not work.
//!
//! Connection strings, variables, service file and password file mean here what they mean to libpq
//! (<https://www.postgresql.org/docs/current/libpq-connect.html>). Passwords are in nothing that can be printed. This part
//! knows nothing of plans and runs.

mod attempt;
mod cancel;
mod choice;
mod connect;
mod connect_error;
mod conninfo;
mod conninfo_error;
mod environment;
mod keyword;
mod liveness;
mod notice;
mod open_sessions;
mod options;
mod password_file;
mod patience;
mod pinned;
mod pinned_path;
mod pool;
mod public_key;
mod reason;
mod resolve;
mod resolve_tls;
mod service_file;
mod session;
mod session_end;
mod sharing;
mod tls;
mod url;
mod verifier;

pub use cancel::CancelHandle;
pub use connect::connect;
pub use connect_error::ConnectError;
pub use conninfo_error::ConninfoError;
pub use environment::ConnectionEnvironment;
pub use notice::{Notice, Notices};
pub use open_sessions::{OpenSessions, cancel_all};
pub use options::{ConnectOptions, Endpoint, HostName, OptionsSource, Password, SessionAttributes, SslMode};
pub use patience::connect_within;
pub use pinned_path::{PIN, PINNED};
pub use pool::Pool;
pub use reason::Reason;
pub use session::{Connection, SessionClient};
pub use sharing::{Sharing, sharing};
