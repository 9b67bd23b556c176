//! Whether a server that answers after a lost connection has the same database, with all that this runner knows of.
//!
//! Behind an address may stand another server by then: a standby that was promoted, or one that was restored from an archive.

use tokio_postgres::{Client, error::SqlState};
use uuid::Uuid;

use crate::{
    machine::{Failure, FailureClass},
    postgres::error_class,
};

const NOT_LOOKED: &str = "backstop::run::no_session";

/// What makes a database this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// `pg_control_system().system_identifier`, which standbys share; none where the role may not ask.
    system: Option<i64>,
    /// `pg_database.oid`
    database: u32,
    /// The mark of the journal.
    mark: Uuid,
}

/// How far the journal of the run is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JournalPosition {
    pub run: Uuid,
    pub seq: u64,
}

impl Identity {
    /// That of the database behind the session, where the journal is installed.
    pub(super) async fn of(client: &Client) -> Result<Self, Failure> {
        const LOOK: &str = "SELECT d.oid, m.database FROM pg_catalog.pg_database AS d, backstop.meta AS m
            WHERE d.datname = current_database()";
        let row = client.query_one(LOOK, &[]).await.map_err(|error| error_class::failure(NOT_LOOKED, &error))?;
        let system = client.query_one("SELECT system_identifier FROM pg_catalog.pg_control_system()", &[]).await;
        let system = match system {
            Ok(row) => Some(row.try_get(0).map_err(|error| error_class::failure(NOT_LOOKED, &error))?),
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => None,
            Err(error) => return Err(error_class::failure(NOT_LOOKED, &error)),
        };
        let cells = (|| Ok((row.try_get(0)?, row.try_get(1)?)))();
        let (database, mark) = cells.map_err(|error| error_class::failure(NOT_LOOKED, &error))?;
        Ok(Identity { system, database, mark })
    }

    /// Recognizes the database behind a new session.
    ///
    /// # Errors
    /// Transient where the server is a replica, which may be promoted yet; `backstop::run::other_database` where it is another
    /// one; `backstop::run::events_lost` where events are missing there.
    pub(super) async fn recognize(&self, client: &Client, known: JournalPosition) -> Result<(), Failure> {
        let in_recovery = client.query_one("SELECT pg_catalog.pg_is_in_recovery()", &[]).await;
        let in_recovery = in_recovery.and_then(|row| row.try_get(0));
        if in_recovery.map_err(|error| error_class::failure(NOT_LOOKED, &error))? {
            return Err(replica());
        }
        let now = match Identity::of(client).await {
            Err(failure) if is_missing(&failure) => return Err(other(None)),
            now => now?,
        };
        if !self.may_be(&now) {
            return Err(other(Some(now)));
        }
        const LAST: &str = "SELECT coalesce(max(seq), 0) FROM backstop.events WHERE run = $1";
        let last = client.query_one(LAST, &[&known.run]).await.and_then(|row| row.try_get::<_, i64>(0));
        let last = last.map_err(|error| error_class::failure(NOT_LOOKED, &error))?;
        let last = u64::try_from(last).unwrap_or_default();
        if last < known.seq { Err(lost(last, known)) } else { Ok(()) }
    }

    fn may_be(&self, other: &Identity) -> bool {
        let same_system = match (self.system, other.system) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        same_system && (self.database, self.mark) == (other.database, other.mark)
    }
}

/// Whether the journal's tables are not there.
fn is_missing(failure: &Failure) -> bool {
    let states = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INVALID_SCHEMA_NAME];
    states.iter().any(|state| failure.sqlstate.as_deref() == Some(state.code()))
}

fn replica() -> Failure {
    Failure::permanent("backstop::run::replica", "the server that answers is a read-only replica")
        .class(FailureClass::Transient)
        .hint(
            "Promote it, or let the URL lead to the primary; then `resume`. `--wait` says how long the run waits for that.",
        )
}

fn other(now: Option<Identity>) -> Failure {
    let why = match now {
        None => "it has no journal".to_owned(),
        Some(now) => format!("its journal has the mark {}", now.mark),
    };
    Failure::permanent("backstop::run::other_database", format!("the server that answers has another database: {why}"))
        .hint("Nothing was written there. Give the URL of the database that the run began on, and `resume`.")
}

fn lost(last: u64, known: JournalPosition) -> Failure {
    let message = format!("the server that answers has lost events of the run: {} were stored, {last} are there", known.seq);
    Failure::permanent("backstop::run::events_lost", message).hint(
        "It was probably promoted before all of the old primary's changes had reached it. Nothing was written there. Compare \
         both servers; `resume` goes on from what this one has, `restore` goes back.",
    )
}
