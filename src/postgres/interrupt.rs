//! A signal from outside, and how it reaches a statement that is running.

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::connection::{self, OpenSessions};
use crate::{
    drive::ports::Interrupt,
    machine::{Failure, FailureClass},
};

/// How long a cancel request has to take effect before it is sent again: one that comes between two statements is lost.
const CANCEL_AGAIN_AFTER: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
struct Signal {
    name: Option<String>,
    heard: bool,
    /// How many pieces of guarded work are under way.
    at_work: usize,
}

tokio::task_local! {
    /// What the piece of work that this task is at may be stopped by.
    static GUARDED: Interruption;
}

/// Raises the interruption.
#[derive(Debug)]
pub struct Interrupter(Arc<watch::Sender<Signal>>);

/// Whether somebody wants the run to stop; clones watch the same.
#[derive(Debug, Clone)]
pub struct Interruption {
    signal: Arc<watch::Sender<Signal>>,
    sessions: OpenSessions,
}

/// How the statement that runs on a connection is cancelled, over another connection.
pub trait Cancel: Sync {
    /// Asks the server to cancel. A request that fails is no failure of the run: the statement just goes on.
    fn cancel(&self) -> impl Future<Output = ()> + Send;
}

impl Cancel for connection::CancelHandle {
    async fn cancel(&self) {
        // A request that could not be made is made again, for as long as the statement runs.
        let _ = connection::CancelHandle::cancel(self).await;
    }
}

/// All of them at once.
impl<C: Cancel> Cancel for Vec<C> {
    async fn cancel(&self) {
        join_all(self.iter().map(Cancel::cancel)).await;
    }
}

/// What may stop a piece of work, and what cancels the statements of all sessions that it is done in.
pub struct Guard {
    interruption: Interruption,
    sessions: Vec<connection::CancelHandle>,
}

impl Guard {
    /// For work in these sessions.
    pub fn new(interruption: &Interruption, sessions: Vec<connection::CancelHandle>) -> Self {
        Guard { interruption: interruption.clone(), sessions }
    }

    /// Lets the work run to its end, as [`Interruption::guard`] does; a failure of work that was stopped is the interruption.
    ///
    /// # Errors
    /// As the work, or the interruption.
    pub async fn over<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let done = self.interruption.guard(&self.sessions, work).await;
        done.map_err(|failure| self.interruption.failure().unwrap_or(failure))
    }
}

/// Waits so long within a piece of work; a signal that is to stop the work ends the wait.
pub async fn pause(time: Duration) {
    match GUARDED.try_with(Interruption::clone) {
        // Whether the time is over or a signal came: the work goes on, and its next statement is cancelled.
        Ok(interruption) => drop(interruption.unless_raised(sleep(time)).await),
        Err(_) => sleep(time).await,
    }
}

/// Both ends.
pub fn interruption() -> (Interrupter, Interruption) {
    let sender = Arc::new(watch::channel(Signal::default()).0);
    (Interrupter(Arc::clone(&sender)), Interruption { signal: sender, sessions: OpenSessions::default() })
}

impl Interrupter {
    /// Raises it, naming the signal. The first one stays.
    pub fn raise(&self, signal: &str) {
        self.0.send_modify(|now| {
            now.name.get_or_insert_with(|| signal.to_owned());
        });
    }
}

impl Interrupt for Interruption {
    fn signal(&self) -> Option<String> {
        self.signal.borrow().name.clone()
    }

    fn heard(&self) {
        self.signal.send_modify(|now| now.heard = now.name.is_some());
    }
}

impl Interruption {
    /// The failure that a raised interruption amounts to, until the driver has heard it.
    pub fn failure(&self) -> Option<Failure> {
        let signal = self.signal.borrow();
        let name = signal.name.as_ref().filter(|_| !signal.heard)?;
        let failure = Failure::permanent("backstop::run::interrupted", format!("{name} stopped it"));
        Some(failure.class(FailureClass::Interrupted))
    }

    /// Lets the effect run to its end; once the interruption is raised its statement is cancelled, again and again until it
    /// has ended. An effect that succeeds all the same has succeeded.
    pub async fn guard<T>(&self, cancel: &impl Cancel, effect: impl Future<Output = T>) -> T {
        let _at_work = AtWork::begin(self);
        // Whatever is stopped is large, and is not to be part of everything that waits for it.
        let mut effect = Box::pin(GUARDED.scope(self.clone(), effect));
        tokio::select! {
            biased;
            done = &mut effect => return done,
            () = self.raised() => {}
        }
        loop {
            // The request is awaited in full: one that arrived after the effect's end would hit what comes next.
            let (done, ()) = futures_util::future::join(poll_for(&mut effect), cancel.cancel()).await;
            if let Some(done) = done {
                return done;
            }
        }
    }

    /// The sessions that are opened by what this may stop, as far as it runs within [`OpenSessions::during`].
    pub fn sessions(&self) -> &OpenSessions {
        &self.sessions
    }

    /// Lets the work run to its end; none where the interruption is raised before, and the work is dropped then.
    pub async fn unless_raised<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.raised() => None,
        }
    }

    /// Waits, once it is raised, until so long nothing has come of it: the signal is not heard, or was and no guarded work is under
    /// way that follows from it, a restore for instance.
    pub async fn stands_still(&self, time: Duration) {
        let mut signal = self.signal.subscribe();
        loop {
            let works_on = {
                let now = signal.borrow_and_update();
                now.heard && now.at_work > 0
            };
            let change = signal.changed();
            if works_on {
                // The sender lives as long as this does.
                let _ = change.await;
            } else if timeout(time, change).await.is_err() {
                return;
            }
        }
    }

    async fn raised(&self) {
        let mut receiver = self.signal.subscribe();
        // The sender lives as long as this does, so that the wait can't fail.
        let _ = receiver.wait_for(|signal| signal.name.is_some() && !signal.heard).await;
    }
}

/// A piece of guarded work, for as long as it lives.
struct AtWork<'a>(&'a Interruption);

impl<'a> AtWork<'a> {
    fn begin(interruption: &'a Interruption) -> Self {
        interruption.signal.send_modify(|now| now.at_work += 1);
        AtWork(interruption)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.signal.send_modify(|now| now.at_work -= 1);
    }
}

async fn poll_for<T>(effect: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = effect => Some(done),
        () = sleep(CANCEL_AGAIN_AFTER) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    struct Counting(Arc<AtomicUsize>, Arc<Notify>);

    impl Cancel for Counting {
        async fn cancel(&self) {
            // The first request is lost, as one between two statements is.
            if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
                self.1.notify_one();
            }
        }
    }

    #[tokio::test]
    async fn a_lost_cancel_request_is_sent_again() {
        let (interrupter, interruption) = interruption();
        let (count, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        interrupter.raise("SIGTERM");
        interrupter.raise("SIGINT");
        interruption.guard(&Counting(count.clone(), ended.clone()), ended.notified()).await;
        assert_eq!(count.load(Ordering::SeqCst), 2);
        assert_eq!(interruption.signal().as_deref(), Some("SIGTERM"));
        assert_eq!(interruption.failure().unwrap().class, FailureClass::Interrupted);
        interruption.heard();
        assert!(interruption.failure().is_none());
        assert_eq!(interruption.guard(&Counting(count.clone(), ended), async { 7 }).await, 7);
        assert_eq!(count.load(Ordering::SeqCst), 2, "a signal that was heard stops nothing more");
    }

    #[tokio::test]
    async fn an_effect_without_a_signal_is_left_alone() {
        let (interrupter, interruption) = interruption();
        let count = Arc::new(AtomicUsize::new(0));
        assert_eq!(interruption.guard(&Counting(count.clone(), Arc::default()), async { 7 }).await, 7);
        drop(interrupter);
        assert_eq!(count.load(Ordering::SeqCst), 0);
        assert!(interruption.failure().is_none());
    }
}
