//! A server that is not there yet, or has no room yet.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{connect::connect, connect_error::ConnectError, options::ConnectOptions, reason::Reason, session::Connection};
use crate::{machine::FailureClass, postgres::jitter::jittered};

/// Pause before the second attempt; twice as long before each further one, half of it left to chance.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How long the last attempt may take at least.
const LAST_ATTEMPT: Duration = Duration::from_secs(1);

/// Opens a session; where the server is out of reach, starts, has no slot free, or its name is not known yet, again and again until
/// so much time has passed. `waiting` is told of each attempt that failed, and how much time is left. Without time there is one
/// attempt.
///
/// # Errors
/// As [`connect`]: what the last attempt met.
pub async fn connect_within(
    options: &ConnectOptions,
    application_name: &str,
    wait: Duration,
    mut waiting: impl FnMut(&ConnectError, Duration),
) -> Result<Connection, ConnectError> {
    let until = Instant::now() + wait;
    let mut pause = PAUSE;
    let mut last: Option<ConnectError> = None;
    loop {
        let attempt = connect(options, application_name);
        let met = match last.take() {
            // The first attempt takes the time that one takes, whoever waits how long.
            None => attempt.await,
            Some(before) => {
                let bound = until.saturating_duration_since(Instant::now()).max(LAST_ATTEMPT);
                timeout(bound, attempt).await.unwrap_or(Err(before))
            }
        };
        let error = match met {
            Err(error) if may_pass(error.reason()) => error,
            met => return met,
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(error);
        }
        waiting(&error, left);
        sleep(jittered(pause).min(left)).await;
        pause = (pause * 2).min(PAUSE_MAX);
        last = Some(error);
    }
}

/// Whether a later attempt may do better. The name of a server that is only being made is not known yet.
fn may_pass(reason: Reason) -> bool {
    reason == Reason::NameNotFound || reason.class() == FailureClass::Transient
}
