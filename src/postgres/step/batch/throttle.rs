//! Whether the next batch may begin.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use tokio_postgres::Client;

use crate::{machine::Failure, postgres::error_class};

/// Most positions of the log whose time is remembered.
const POSITIONS_MAX: usize = 10_000;

/// Why the next batch waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brake {
    /// A person paused the run.
    Paused {
        /// Who, and why.
        by: String,
    },
    /// A replica is behind.
    Behind {
        /// How far.
        by: Duration,
        /// How far it may be.
        most: Duration,
    },
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Brake::Paused { by } => write!(f, "paused by {by}; `backstop continue` goes on"),
            Brake::Behind { by, most } => {
                write!(
                    f,
                    "a replica is {:.1} s behind, waiting until it is less than {} s",
                    by.as_secs_f64(),
                    most.as_secs_f64()
                )
            }
        }
    }
}

/// Whether the next batch may begin: a person's word stands before everything else.
pub fn brake(pause: Option<String>, behind: Option<Duration>, most: Option<Duration>) -> Option<Brake> {
    if let Some(by) = pause {
        return Some(Brake::Paused { by });
    }
    match (behind, most) {
        (Some(by), Some(most)) if by > most => Some(Brake::Behind { by, most }),
        _ => None,
    }
}

/// How far the slowest replica is behind, in time. The server's own measure (`replay_lag`) stands still for a replica that
/// replays nothing at all, so that positions of the log are remembered with the time at which they were current.
#[derive(Debug, Default)]
pub struct Lag {
    positions: VecDeque<(Instant, i64)>,
}

/// What the server knows of its replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Replicas {
    /// Where the log ends, in bytes.
    current: i64,
    /// What the slowest has replayed; none where there is none.
    replayed: Option<i64>,
    /// The longest lag that the server has measured.
    measured: Option<Duration>,
}

impl Lag {
    /// How far the slowest replica is behind; none where there is none.
    ///
    /// # Errors
    /// What the server said, or that this role may not see it.
    pub async fn look(&mut self, client: &Client) -> Result<Option<Duration>, Failure> {
        let failed = |error| error_class::failure("backstop::run::lag_unknown", &error);
        let row = client.query_typed_one(include_str!("lag.sql"), &[]).await.map_err(failed)?;
        if row.try_get::<_, bool>(3).map_err(failed)? {
            return Err(hidden());
        }
        let measured: Option<f64> = row.try_get(2).map_err(failed)?;
        let measured = measured.and_then(|lag| Duration::try_from_secs_f64(lag.max(0.0)).ok());
        let (current, replayed) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        let replicas = Replicas { current, replayed, measured };
        Ok(self.of(&replicas, Instant::now()))
    }

    fn of(&mut self, replicas: &Replicas, now: Instant) -> Option<Duration> {
        let replayed = replicas.replayed?;
        self.positions.push_back((now, replicas.current));
        while self.positions.front().is_some_and(|(_, position)| *position <= replayed)
            || self.positions.len() > POSITIONS_MAX
        {
            self.positions.pop_front();
        }
        let seen = self.positions.front().map(|(since, _)| now.saturating_duration_since(*since)).unwrap_or_default();
        // A replica that has replayed everything is not behind, however long it took it then.
        let measured = if replayed >= replicas.current { None } else { replicas.measured };
        Some(seen.max(measured.unwrap_or_default()))
    }
}

/// The role may not see how far replicas are.
pub fn hidden() -> Failure {
    Failure::permanent("backstop::run::lag_hidden", "this role may not see how far replicas are behind")
        .hint("GRANT pg_monitor TO the role that applies plans, or leave `max_lag` out.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pause_comes_before_lag_and_lag_counts_above_its_bound() {
        assert_eq!(brake(None, None, None), None);
        assert_eq!(brake(None, Some(9 * SECOND), None), None);
        assert_eq!(brake(None, None, Some(SECOND)), None);
        assert_eq!(brake(None, Some(SECOND), Some(SECOND)), None);
        let behind = brake(None, Some(2 * SECOND), Some(SECOND));
        assert_eq!(behind, Some(Brake::Behind { by: 2 * SECOND, most: SECOND }));
        let paused = brake(Some("ann".into()), Some(2 * SECOND), Some(SECOND));
        assert_eq!(paused, Some(Brake::Paused { by: "ann".into() }));
    }

    #[test]
    fn a_replica_that_replays_nothing_falls_behind_with_the_time() {
        let (mut lag, start) = (Lag::default(), Instant::now());
        let mut at = |seconds: u32, current, replayed, measured: Option<Duration>| {
            lag.of(&Replicas { current, replayed: Some(replayed), measured }, start + seconds * SECOND)
        };
        assert_eq!(at(0, 100, 100, Some(9 * SECOND)), Some(Duration::ZERO), "all replayed: an old measure says nothing");
        assert_eq!(at(1, 200, 100, None), Some(Duration::ZERO));
        assert_eq!(at(5, 300, 100, None), Some(4 * SECOND), "200 was current 4 seconds ago");
        assert_eq!(at(6, 300, 250, None), Some(SECOND), "300 was current a second ago");
        assert_eq!(at(7, 300, 250, Some(30 * SECOND)), Some(30 * SECOND), "what the server has measured counts too");
        assert_eq!(at(8, 300, 300, None), Some(Duration::ZERO));
        let none = Replicas { current: 1, replayed: None, measured: None };
        assert_eq!(Lag::default().of(&none, start), None, "there is no replica");
    }
}
