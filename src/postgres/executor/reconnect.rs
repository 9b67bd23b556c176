//! Sessions that were lost, opened again.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;

use super::{
    identity::JournalPosition,
    open::{PlanTransaction, PostgresExecutor},
    sessions::{GivenUp, LockSession, WorkSession},
};
use crate::{
    drive::ports::Recorded,
    machine::{Failure, FailureClass},
    postgres::{
        connection::{Connection, Reason, connect},
        error_class,
        jitter::jittered,
        journal::{self, Fence},
        lock::{self, LockRefused},
        progress::{SessionProgress, Watch},
        session::{application_name, as_login, begin, begin_looking},
    },
};

/// Pause before the second attempt to connect; twice as long before each further one, half of it left to chance.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_millis(250);
/// Longest pause between two attempts.
const CONNECT_AGAIN_MAX: Duration = Duration::from_secs(5);
/// How long an attempt may take that is made although the time for it is over.
const LAST_ATTEMPT: Duration = Duration::from_secs(1);
/// How long the run lock is waited for when its session was lost: the server may not have noticed yet.
const LOCK_AGAIN_WITHIN: Duration = Duration::from_secs(10);
/// How long a transaction whose COMMIT was on its way is waited for.
const DOUBT_WITHIN: Duration = Duration::from_secs(60);
/// Pause between two looks at it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

impl PostgresExecutor {
    /// Makes sure of all sessions, and of what became of the last COMMIT.
    pub(super) async fn ensure(&mut self) -> Result<(), Failure> {
        if self.work.connection.is_closed() || self.observer.is_closed() || self.lock.connection.is_closed() {
            // Rare, and too large to have its place in every effect.
            Box::pin(self.open_again()).await?;
        }
        self.resolve_doubt().await
    }

    /// Opens again what was lost. A lost session takes the plan's one transaction with it.
    async fn open_again(&mut self) -> Result<(), Failure> {
        if self.work.connection.is_closed() {
            if self.transaction == PlanTransaction::Open {
                return Err(lost_transaction());
            }
            let lost = self.work.pid;
            self.work = WorkSession::of(self.connect().await?).await?;
            self.end_lost(lost).await?;
        }
        if self.observer.is_closed() {
            let observer = self.connect().await?;
            begin_looking(&observer).await?;
            self.observer = observer;
        }
        if self.lock.connection.is_closed() {
            let connection = self.connect().await?;
            // Who was taken over need not wait for the other one's end.
            journal::check(&self.observer.client, self.claim, Fence::Look).await?;
            // Where only the network was away, our own old session still has it.
            self.end_lost(self.lock.pid).await?;
            lock::acquire(&connection.client, LOCK_AGAIN_WITHIN, |_| {}).await.map_err(|refused| match refused {
                LockRefused::Failed(failure) => failure,
                LockRefused::Busy(holder) => lost_lock(holder.map(|holder| holder.to_string())),
            })?;
            self.lock = LockSession::of(connection, self.claim, &self.opening.tell).await?;
            journal::check(&self.observer.client, self.claim, Fence::Look).await?;
        }
        Ok(())
    }

    /// Remembers how far the journal is known to be durable.
    pub(super) fn noted<E>(&mut self, reply: Result<Recorded, E>) -> Result<Recorded, E> {
        if let (Ok(recorded), PlanTransaction::Closed) = (&reply, self.transaction) {
            self.reach.known = self.reach.known.max(recorded.seq);
        }
        reply
    }

    /// Where only the way to the server was cut, the old session goes on there and keeps its locks.
    async fn end_lost(&self, pid: i32) -> Result<(), Failure> {
        const END: &str = "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a
            WHERE a.pid = $1 AND a.usename = session_user AND a.datname = current_database()
              AND a.application_name LIKE 'backstop %'";
        let ended = as_login(self.work.client(), self.work.client().execute(END, &[&pid])).await;
        ended.map(drop).map_err(|error| error_class::failure("backstop::run::no_session", &error))
    }

    /// Waits until the server knows what became of a COMMIT whose reply was lost. Only then the journal tells.
    async fn resolve_doubt(&mut self) -> Result<(), Failure> {
        let Some(transaction) = self.reach.doubt.clone() else { return Ok(()) };
        let until = Instant::now() + DOUBT_WITHIN;
        loop {
            let row = self.observer.client.query_one("SELECT pg_xact_status($1::text::xid8)", &[&transaction]).await;
            let state = match row.and_then(|row| row.try_get::<_, Option<String>>(0)) {
                Ok(state) => state,
                // A number that was never used, as far as this server knows: it was lost with a crash, or with the primary.
                Err(error) if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) => None,
                Err(error) => return Err(error_class::failure("backstop::run::doubtful", &error)),
            };
            if state.as_deref() != Some("in progress") {
                self.reach.doubt = None;
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(Failure::permanent(
                    "backstop::run::doubtful",
                    format!("transaction {transaction} is neither committed nor rolled back yet"),
                )
                .class(FailureClass::Unknown)
                .hint("Look in pg_stat_activity at the session that it belongs to; `resume` when it is gone."));
            }
            if self.opening.interruption.unless_raised(sleep(LOOK_AGAIN_AFTER)).await.is_none() {
                return Err(self.stopped());
            }
        }
    }

    /// Connects, again and again until the bound that counts from the connection's loss is over or a signal comes, and makes
    /// sure that it is the same database. After that each call makes one short attempt more.
    async fn connect(&mut self) -> Result<Connection, Failure> {
        if self.reach.lost_since.is_none() {
            let why = "the connection was lost".to_owned();
            (self.opening.tell)(SessionProgress::OutOfReach { why, left: self.opening.reconnect });
        }
        let until = *self.reach.lost_since.get_or_insert_with(Instant::now) + self.opening.reconnect;
        let interruption = self.opening.interruption.clone();
        let mut pause = CONNECT_AGAIN_AFTER;
        loop {
            let bound = match self.reach.given_up {
                None => until.saturating_duration_since(Instant::now()).max(LAST_ATTEMPT),
                Some(_) => LAST_ATTEMPT,
            };
            let attempt = async { timeout(bound, self.connect_once()).await.unwrap_or_else(|_| Err(unreachable(bound))) };
            let Some(attempt) = interruption.unless_raised(attempt).await else { return Err(self.stopped()) };
            let failure = match attempt {
                Ok(connection) => {
                    (self.reach.lost_since, self.reach.given_up) = (None, None);
                    return Ok(connection);
                }
                Err(failure) if failure.class != FailureClass::Transient => return Err(failure),
                Err(failure) => failure,
            };
            let left = until.saturating_duration_since(Instant::now());
            match self.reach.given_up {
                Some(GivenUp::Stopped) => return Err(failure.class(FailureClass::Interrupted)),
                Some(GivenUp::OutOfTime) => return Err(failure),
                None if left.is_zero() => {
                    self.reach.given_up = Some(GivenUp::OutOfTime);
                    return Err(failure);
                }
                None => {}
            }
            let slept = interruption.unless_raised(sleep(jittered(pause).min(left))).await;
            if slept.is_none() {
                return Err(self.stopped());
            }
            pause = (pause * 2).min(CONNECT_AGAIN_MAX);
        }
    }

    /// A signal came while the server was looked for.
    fn stopped(&mut self) -> Failure {
        self.reach.given_up = Some(GivenUp::Stopped);
        let failure = unreachable(Duration::ZERO).class(FailureClass::Interrupted);
        self.opening.interruption.failure().unwrap_or(failure)
    }

    async fn connect_once(&self) -> Result<Connection, Failure> {
        let name = application_name(&self.opening.plan, None);
        let connection = connect(&self.opening.options, &name).await.map_err(|error| match error.reason() {
            // It was found once, and let us in; while servers change places, or a password is renewed, that may take a while.
            Reason::NameNotFound | Reason::WrongPassword => Failure::from(error).class(FailureClass::Transient),
            _ => error.into(),
        })?;
        let known = JournalPosition { run: self.claim.run, seq: self.reach.known };
        begin(&connection).await?;
        self.reach.identity.recognize(&connection.client, known).await?;
        Ok(connection)
    }

    /// What earlier work waited for counts no more.
    pub(super) fn wait_anew(&self) {
        if let Some(blocker_termination) = &self.blocker_termination {
            blocker_termination.forget();
        }
    }

    pub(super) fn watch(&self, lock_timeout: Duration) -> Watch<'_> {
        Watch {
            observer: &self.observer.client,
            server_version: self.server_version,
            pid: self.work.pid,
            lock_timeout,
            tell: &*self.opening.tell,
            blocker_termination: self
                .blocker_termination
                .as_ref()
                .map(|blocker_termination| (blocker_termination, self.claim)),
        }
    }
}

fn unreachable(after: Duration) -> Failure {
    let message = format!("the server did not answer within {} s", after.as_secs());
    Failure::permanent("backstop::run::unreachable", message).class(FailureClass::Transient)
}

fn lost_transaction() -> Failure {
    Failure::permanent("backstop::run::transaction_lost", "the connection was lost, and the plan's transaction with it")
        .class(FailureClass::Transient)
}

fn lost_lock(holder: Option<String>) -> Failure {
    let failure = Failure::permanent("backstop::journal::taken_over", "the run lock was lost, and another run has it now")
        .hint("Leave the other runner alone; look with `backstop status`.");
    match holder {
        Some(holder) => failure.detail(holder),
        None => failure,
    }
}
