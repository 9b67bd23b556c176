//! Whether somebody is still there at the other end of a session that says nothing.
//!
//! A tunnel or proxy that stands still keeps its sockets, and answers keepalive probes of TCP by itself: only the server's own
//! answers say that it is reached. An empty query is answered behind the statement that runs. Where the answer stays away, a
//! second session is asked whether the first one's process still works at something.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, types::Type};

use super::{
    connect::connect,
    options::ConnectOptions,
    reason::Reason,
    session::{Connection, SessionClient, WatchTask},
    session_end::SessionEnd,
};

/// Pause between two questions.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// How long an answer is waited for before somebody else is asked, and between two times that somebody else is.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// How long a second session may take to be opened and to answer.
const SECOND_ANSWERS_WITHIN: Duration = Duration::from_secs(15);
/// How often in a row a second session must find that nothing runs, so that an answer which is on its way arrives.
const IDLE_LOOKS: u32 = 2;

/// What second sessions are called in `pg_stat_activity`.
const APPLICATION: &str = "backstop";

impl Connection {
    /// From now on the session counts as lost where the server does not answer in it and a second session finds that no
    /// statement runs there, or can't be opened. For sessions that are the server's own: a pooler that hands them around answers
    /// for another one.
    ///
    /// # Errors
    /// What the server said when it was asked which process it is.
    pub async fn watch_over(&self) -> Result<(), tokio_postgres::Error> {
        let pid: i32 = self.client.query_one("SELECT pg_catalog.pg_backend_pid()", &[]).await?.try_get(0)?;
        self.liveness.get_or_init(|| self.watch_task(pid));
        Ok(())
    }

    fn watch_task(&self, pid: i32) -> WatchTask {
        let (client, end) = (Arc::downgrade(&self.client), self.line.end.clone());
        let watched = WatchedSession { client, end, options: Arc::clone(&self.line.cancel.options), pid };
        WatchTask(tokio::spawn(watched.run()))
    }
}

struct WatchedSession {
    client: Weak<SessionClient>,
    end: SessionEnd,
    options: Arc<ConnectOptions>,
    pid: i32,
}

/// What a second session says of the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum BackendState {
    /// A statement runs there.
    AtWork,
    /// The server waits for the next statement there, or has no such session.
    Idle(&'static str),
    /// There is no way to the server.
    Unreachable(&'static str),
    /// It can't be told.
    Unknown,
}

impl WatchedSession {
    async fn run(self) {
        loop {
            sleep(ASK_EVERY).await;
            let Some(client) = self.client.upgrade() else { return };
            if let Some(why) = self.silent(&client).await {
                self.end.lost(format!("the server does not answer: {why}"));
                return;
            }
            if client.is_closed() {
                return;
            }
        }
    }

    /// Why the session counts as lost; none as soon as it answers, or is closed.
    async fn silent(&self, client: &Client) -> Option<&'static str> {
        let answer = client.batch_execute("");
        tokio::pin!(answer);
        let mut idle = 0;
        loop {
            if timeout(ANSWERED_WITHIN, &mut answer).await.is_ok() {
                return None;
            }
            match timeout(SECOND_ANSWERS_WITHIN, look(&self.options, self.pid)).await {
                Ok(BackendState::AtWork | BackendState::Unknown) => idle = 0,
                Ok(BackendState::Unreachable(why)) => return Some(why),
                Err(_) => return Some("a new connection gets no answer either"),
                Ok(BackendState::Idle(why)) => {
                    idle += 1;
                    if idle >= IDLE_LOOKS {
                        return Some(why);
                    }
                }
            }
        }
    }
}

async fn look(options: &ConnectOptions, pid: i32) -> BackendState {
    const LOOK: &str = "SELECT a.state FROM pg_catalog.pg_stat_activity AS a WHERE a.pid OPERATOR(pg_catalog.=) $1";
    let second = match connect(options, APPLICATION).await {
        Ok(second) => second,
        Err(error) => return unopened(error.reason()),
    };
    // What runs in sessions of the role that logged in is hidden from a role that it was given.
    let asked = async {
        second.client.batch_execute("SET ROLE NONE").await?;
        let row = second.client.query_typed_opt(LOOK, &[(&pid, Type::INT4)]).await?;
        row.map(|row| row.try_get::<_, Option<String>>(0)).transpose()
    };
    match asked.await {
        Ok(None) => BackendState::Idle("it has no such session any more"),
        Ok(Some(state)) => match state.as_deref() {
            Some("active" | "fastpath function call") => BackendState::AtWork,
            Some("idle" | "idle in transaction" | "idle in transaction (aborted)") => {
                BackendState::Idle("it has answered, or was asked nothing, as another session shows")
            }
            // Hidden, or not tracked.
            _ => BackendState::Unknown,
        },
        Err(error) if error.is_closed() => BackendState::Unreachable("a new connection breaks off"),
        Err(_) => BackendState::Unknown,
    }
}

/// A server that refuses a session is there.
fn unopened(reason: Reason) -> BackendState {
    match reason {
        Reason::Refused | Reason::TimedOut | Reason::Unreachable | Reason::SocketMissing | Reason::Dropped => {
            BackendState::Unreachable("no new connection can be made either")
        }
        _ => BackendState::Unknown,
    }
}
