//! RunOutcome the sessions that keep a run waiting, where a person chose that.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio_postgres::{Client, Error, types::ToSql};

use super::blocker::{Blocker, blocker, blockers};
use crate::{machine::Failure, postgres::error_class, postgres::journal::Claim};

/// Stands behind the role in the name of a record's actor.
const PROGRAM: &str = concat!(" with backstop ", env!("CARGO_PKG_VERSION"));

/// Ends sessions that are in the way for too long. What others wait for too is counted from the first time that the same
/// session of ours was seen waiting, whatever pauses it makes.
#[derive(Debug)]
pub struct BlockerTermination {
    after: Duration,
    since: Mutex<Option<Instant>>,
}

impl BlockerTermination {
    /// After this time of waiting, where the role may end others' sessions and see what they are.
    ///
    /// # Errors
    /// `backstop::lock::may_not_terminate` with the GRANT that helps, or what the server said.
    pub async fn allowed(client: &Client, after: Duration) -> Result<Self, Failure> {
        const MISSING: &str = "SELECT string_agg(quote_ident(r.name), ', '), quote_ident(current_user)
            FROM unnest(ARRAY['pg_signal_backend', 'pg_read_all_stats']) AS r (name)
            WHERE NOT pg_catalog.pg_has_role(current_user, r.name, 'USAGE')";
        let row = client.query_one(MISSING, &[]).await;
        let answer = row.and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let (missing, role): (Option<String>, String) =
            answer.map_err(|error| error_class::failure("backstop::lock::failed", &error))?;
        match missing {
            None => Ok(BlockerTermination { after, since: Mutex::new(None) }),
            Some(missing) => Err(Failure::permanent(
                "backstop::lock::may_not_terminate",
                "the role may not end the sessions that keep a run waiting",
            )
            .hint(format!("GRANT {missing} TO {role}, or leave `--terminate-blockers-after` out."))),
        }
    }

    /// How long it waits before.
    pub fn after(&self) -> Duration {
        self.after
    }

    /// What was waited for is there: the next wait counts anew.
    pub fn forget(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// It is waiting now; ends those who are in the way where that has lasted too long, and says whom. Each is recorded in the
    /// journal first. A claim that no longer stands ends nobody.
    pub(super) async fn seen_waiting(&self, observer: &Client, pid: i32, claim: Claim) -> Result<Vec<Blocker>, Error> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        if since.elapsed() < self.after {
            return Ok(Vec::new());
        }
        // What they run is recorded as it may be shown: a session that was left behind may run a step of this plan.
        let known = blockers(observer, pid).await?;
        let (pids, queries): (Vec<i32>, Vec<Option<String>>) = known.into_iter().map(|one| (one.pid, one.query)).unzip();
        let terms: &[&(dyn ToSql + Sync)] = &[&pid, &claim.run, &claim.fence, &PROGRAM, &pids, &queries];
        let rows = observer.query(include_str!("terminate.sql"), terms).await?;
        rows.iter().map(blocker).collect()
    }
}
