//! Watching a session while it works.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::sleep};
use tokio_postgres::Client;

use super::{
    blocker::{Blocker, blockers},
    blocker_termination::BlockerTermination,
    progress_views::{StatementProgress, look},
};
use crate::{
    machine::Failure,
    postgres::{journal::Claim, step::Brake},
};

/// Pause before the first look, so that short statements cost nothing.
const FIRST_LOOK: Duration = Duration::from_millis(300);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who is told what is seen of the session that works.
pub type Tell = Arc<dyn Fn(SessionProgress) + Send + Sync>;

/// What is seen of a session that works.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionProgress {
    /// It is so far.
    Working(StatementProgress),
    /// It waits for these.
    Waiting(Vec<Blocker>),
    /// It waited for these for too long, and they were ended.
    Ended(Vec<Blocker>),
    /// It goes through a table in batches.
    Batches {
        /// The step's id.
        step: String,
        /// Rows that are done.
        done: u64,
        /// Of how many, by the server's estimate.
        total: Option<u64>,
        /// Rows a second.
        rate: f64,
        /// How long the rest takes at this rate.
        left: Option<Duration>,
    },
    /// The next batch may not begin yet.
    HeldBack(Brake),
    /// The server can't be reached, and is looked for.
    OutOfReach {
        /// What the last attempt met.
        why: String,
        /// For how long.
        left: Duration,
    },
    /// Something went wrong that doesn't change how the run goes on, and that people must know of.
    Trouble(Box<Failure>),
}

/// What watches, and from where.
pub struct Watch<'a> {
    /// A session of its own, outside any transaction.
    pub observer: &'a Client,
    /// `server_version_num`
    pub server_version: u32,
    /// The process that is watched.
    pub pid: i32,
    /// How long the watched session waits for a lock; it is looked at several times before that ends.
    pub lock_timeout: Duration,
    /// Who is told what the session does, and that it is out of reach.
    pub tell: &'a (dyn Fn(SessionProgress) + Send + Sync),
    /// What ends those who are in the way too long, if anything does, and by which run's right.
    pub blocker_termination: Option<(&'a BlockerTermination, Claim)>,
}

impl Watch<'_> {
    /// Lets the effect run to its end and watches it; the second value holds whom it was last seen waiting for. A watch that
    /// can't see is no failure.
    pub async fn during<T>(&self, effect: impl Future<Output = T>) -> (T, Vec<Blocker>) {
        let (mut seen, ending) = (Vec::new(), Mutex::new(()));
        let mut effect = Box::pin(effect);
        let done = {
            let mut looking = pin!(self.look_on(&mut seen, &ending));
            let done = tokio::select! {
                biased;
                done = &mut effect => done,
                never = &mut looking => match never {},
            };
            // Who has just been ended may be why the effect is done, and nobody is ended without a word.
            tokio::select! {
                biased;
                never = &mut looking => match never {},
                _ = ending.lock() => done,
            }
        };
        (done, seen)
    }

    /// What was waited for is there.
    pub fn went_on(&self) {
        if let Some((blocker_termination, _)) = self.blocker_termination {
            blocker_termination.forget();
        }
    }

    async fn end_blockers(&self) {
        let Some((blocker_termination, claim)) = self.blocker_termination else { return };
        // Who can't be ended is named when the wait fails.
        let ended = blocker_termination.seen_waiting(self.observer, self.pid, claim).await.unwrap_or_default();
        if !ended.is_empty() {
            (self.tell)(SessionProgress::Ended(ended));
        }
    }

    /// Holds `ending` while it ends somebody.
    async fn look_on(&self, seen: &mut Vec<Blocker>, ending: &Mutex<()>) -> std::convert::Infallible {
        let early = if self.lock_timeout.is_zero() { FIRST_LOOK } else { FIRST_LOOK.min(self.lock_timeout / 3) };
        sleep(early).await;
        loop {
            if let Ok(found) = blockers(self.observer, self.pid).await
                && !found.is_empty()
            {
                seen.clone_from(&found);
                (self.tell)(SessionProgress::Waiting(found));
                let _ending = ending.lock().await;
                self.end_blockers().await;
            }
            for progress in look(self.observer, self.server_version, &[self.pid]).await.unwrap_or_default() {
                (self.tell)(SessionProgress::Working(progress));
            }
            let pause = if self.lock_timeout.is_zero() { LOOK_EVERY } else { LOOK_EVERY.min(self.lock_timeout / 3) };
            sleep(pause.max(early)).await;
        }
    }
}
