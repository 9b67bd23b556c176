//! Settings that every session of a run has, whatever the server's or the role's own defaults are.

use std::time::Duration;

use tokio_postgres::{Client, Error};

use crate::{
    machine::Failure,
    plan::{PlanName, Rendered, Session, Step, StepId},
    postgres::{connection::Connection, error_class, search_path::PIN},
    sql::quote,
};

/// Longest `application_name` that PostgreSQL keeps, in bytes.
pub const APPLICATION_NAME_BYTES_MAX: usize = 63;

/// How long settings last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// `SET`: until the session ends.
    Session,
    /// `SET LOCAL`: until the transaction ends.
    Transaction,
}

/// The settings of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long the transaction may stand idle.
    pub idle_timeout: Duration,
    /// What `pg_stat_activity` and the server's log call the session.
    pub application_name: String,
}

impl SessionSettings {
    /// Those of a plan's checks and of everything else that is no step.
    pub fn of_plan(plan: &PlanName, session: &Session<Rendered>) -> Self {
        SessionSettings {
            lock_timeout: session.lock_timeout,
            statement_timeout: session.statement_timeout,
            idle_timeout: session.idle_in_transaction_session_timeout,
            application_name: application_name(plan, None),
        }
    }

    /// Those of a step: the plan's, with what the step says instead.
    pub fn of_step(plan: &PlanName, session: &Session<Rendered>, step: &Step<Rendered>) -> Self {
        let of_plan = Self::of_plan(plan, session);
        SessionSettings {
            lock_timeout: step.lock_timeout.unwrap_or(of_plan.lock_timeout),
            statement_timeout: step.statement_timeout.unwrap_or(of_plan.statement_timeout),
            application_name: application_name(plan, Some(&step.id)),
            ..of_plan
        }
    }

    /// The statements that set them. The search path is ours: that of the plan is only for the plan's own SQL.
    pub fn sql(&self, lifetime: Lifetime) -> String {
        let set = match lifetime {
            Lifetime::Session => "SET",
            Lifetime::Transaction => "SET LOCAL",
        };
        format!(
            "{set} lock_timeout = {}; {set} statement_timeout = {}; {set} idle_in_transaction_session_timeout = {}; \
             {set} application_name = {}; {PIN}",
            milliseconds(self.lock_timeout),
            milliseconds(self.statement_timeout),
            milliseconds(self.idle_timeout),
            quote::literal(&self.application_name),
        )
    }

    /// Sets them. What an earlier piece of work left behind in the session is reset first.
    ///
    /// # Errors
    /// `backstop::session::not_set`, with what the server said.
    pub async fn apply(&self, client: &Client, lifetime: Lifetime) -> Result<(), Failure> {
        set(client, &format!("{RESET}; {FRESH}; {}", self.sql(lifetime))).await
    }

    /// Sets them again in a transaction in which a plan's SQL may have changed them, or the role.
    ///
    /// # Errors
    /// `backstop::session::not_set`, with what the server said.
    pub async fn restore(&self, client: &Client) -> Result<(), Failure> {
        set(client, &format!("{OWN_ROLE}; {}", self.sql(Lifetime::Transaction))).await
    }
}

/// Begins a session of our own: with its settings, and watched, so that one that the server does not answer in any more counts as
/// lost. Not for sessions behind a pooler that hands them around: settings would stay with somebody else's.
///
/// # Errors
/// `backstop::session::not_set`, with what the server said.
pub async fn begin(connection: &Connection) -> Result<(), Failure> {
    let begun = async {
        connection.client.batch_execute(FRESH).await?;
        connection.watch_over().await
    };
    begun.await.map_err(|error| error_class::failure("backstop::session::not_set", &error))
}

/// Marks a session in which nothing is to be written, for as long as it lasts: [`FRESH`] looks for the mark after each `RESET ALL`.
///
/// # Errors
/// `backstop::session::not_set`, with what the server said.
pub async fn begin_read_only(client: &Client) -> Result<(), Failure> {
    set(client, &format!("PREPARE backstop_reads_only AS SELECT; {FRESH}")).await
}

/// The same for a session that only looks on. Where the login has a role set (`ALTER ROLE … SET role`), what runs in its own sessions
/// is hidden from that role: it looks with the rights of the login, if these include the role's.
///
/// # Errors
/// `backstop::session::not_set`, with what the server said.
pub async fn begin_looking(connection: &Connection) -> Result<(), Failure> {
    const OWN_EYES: &str = "SELECT pg_catalog.set_config('role', 'none', false)
        WHERE pg_catalog.pg_has_role(session_user, current_user, 'USAGE')";
    begin(connection).await?;
    let looking = connection.client.batch_execute(OWN_EYES).await;
    looking.map_err(|error| error_class::failure("backstop::session::not_set", &error))
}

/// What a session of a run has that nobody gave other settings.
pub const FRESH: &str = include_str!("session/fresh.sql").trim_ascii_end();

/// Back to how the session began, with our own search path.
pub const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET search_path = pg_catalog, pg_temp";

/// Asks with the rights of the login itself, whatever role it has set: a role may neither see nor end the sessions of a login that it
/// is no member of.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn as_login<T>(client: &Client, asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    client.batch_execute("SET ROLE NONE").await?;
    let answer = asking.await;
    client.batch_execute("RESET ROLE").await?;
    answer
}

/// Back to the role that connected.
const OWN_ROLE: &str = "RESET SESSION AUTHORIZATION; RESET ROLE";

async fn set(client: &Client, sql: &str) -> Result<(), Failure> {
    client.batch_execute(sql).await.map_err(|error| error_class::failure("backstop::session::not_set", &error))
}

/// `backstop PLAN` or `backstop PLAN/STEP`, cut at what PostgreSQL keeps.
pub fn application_name(plan: &PlanName, step: Option<&StepId>) -> String {
    let mut name = match step {
        Some(step) => format!("backstop {plan}/{step}"),
        None => format!("backstop {plan}"),
    };
    // Ids are ASCII, so every byte is a boundary.
    name.truncate(APPLICATION_NAME_BYTES_MAX);
    name
}

/// Settings of how values are written, so that the same value always has the same text.
pub const PINNED_FORMATS: &str = "SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; \
     SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'";

/// PostgreSQL takes 0 for "no limit", so that a shorter time than a millisecond must not become 0.
fn milliseconds(time: Duration) -> u128 {
    if time.is_zero() { 0 } else { time.as_millis().max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_name_names_plan_and_step_within_the_servers_bound() {
        let plan = PlanName::parse("multi-org").unwrap();
        let step = StepId::parse("convert-ids").unwrap();
        assert_eq!(application_name(&plan, Some(&step)), "backstop multi-org/convert-ids");
        let long = StepId::parse(&"x".repeat(63)).unwrap();
        assert_eq!(application_name(&plan, Some(&long)).len(), APPLICATION_NAME_BYTES_MAX);
    }

    #[test]
    fn settings_are_quoted() {
        let settings = SessionSettings {
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_micros(1),
            idle_timeout: Duration::ZERO,
            application_name: "it's".into(),
        };
        assert_eq!(
            settings.sql(Lifetime::Transaction),
            "SET LOCAL lock_timeout = 5000; SET LOCAL statement_timeout = 1; \
             SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL application_name = 'it''s'; \
             SET search_path = pg_catalog, pg_temp"
        );
    }
}
