//! Whether the server is one that a run can be made on.

use tokio_postgres::Client;

use crate::{machine::Failure, postgres::error_class};

/// The oldest version that is known to work, as `server_version_num` has it.
const OLDEST: u32 = 130_000;
/// The first version that nobody has tried.
const UNTRIED: u32 = 190_000;

pub(super) const OLD: &str = "backstop::preflight::old_server";

/// What matters of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `server_version_num`
    pub version: u32,
    /// `server_version`, for people.
    pub release: String,
    /// Whether it is a standby.
    pub in_recovery: bool,
    /// Whether sessions are read-only there.
    pub read_only: bool,
    /// Whether it counts rows, or the role may make it.
    pub counts: bool,
}

/// Looks at the server, outside a transaction.
///
/// # Errors
/// `backstop::preflight::not_looked`, with what the server said.
pub async fn server(client: &Client) -> Result<Server, Failure> {
    let failed = |error| error_class::failure("backstop::preflight::not_looked", &error);
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::integer, current_setting('server_version'),
                    pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean,
                    current_setting('track_counts')::boolean
                    OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)",
            &[],
        )
        .await
        .map_err(failed)?;
    Ok(Server {
        version: row.try_get::<_, i32>(0).map_err(failed)?.unsigned_abs(),
        release: row.try_get(1).map_err(failed)?,
        in_recovery: row.try_get(2).map_err(failed)?,
        read_only: row.try_get(3).map_err(failed)?,
        counts: row.try_get(4).map_err(failed)?,
    })
}

impl Server {
    /// What stands in the way of any run.
    pub fn failures(&self) -> Vec<Failure> {
        let mut failures = Vec::new();
        if self.version < OLDEST {
            let message = format!("the server has version {}, 13 is the oldest that is supported", self.release);
            failures.push(Failure::permanent(OLD, message).hint("Upgrade the server first."));
        }
        if self.in_recovery {
            failures.push(
                Failure::permanent("backstop::preflight::replica", "the server is a read-only replica")
                    .hint("Connect to the primary; target_session_attrs=read-write finds it among several hosts."),
            );
        } else if self.read_only {
            failures.push(
                Failure::permanent("backstop::preflight::read_only", "sessions are read-only here")
                    .hint("Set default_transaction_read_only = off for this role or database, or connect to the primary."),
            );
        }
        if !self.counts {
            failures.push(
                Failure::permanent("backstop::run::counters_off", "the server does not count rows (track_counts is off)")
                    .hint("Set track_counts = on: without it nobody can tell which tables a step wrote to."),
            );
        }
        failures
    }

    /// The same asked in a session that was made read-only by whoever opened it: then it is the settings of the role and the
    /// database that say what others get.
    ///
    /// # Errors
    /// `backstop::preflight::not_looked`, with what the server said.
    pub async fn failures_for_others(&self, client: &Client) -> Result<Vec<Failure>, Failure> {
        let failed = |error| error_class::failure("backstop::preflight::not_looked", &error);
        let row = client.query_one(include_str!("read_only.sql"), &[]).await.map_err(failed)?;
        Ok(Server { read_only: row.try_get(0).map_err(failed)?, ..self.clone() }.failures())
    }

    /// What is worth saying though nothing stands in the way.
    pub fn warning(&self) -> Option<String> {
        (self.version >= UNTRIED)
            .then(|| format!("the server has version {}, newer than any that this program was tested with", self.release))
    }
}
