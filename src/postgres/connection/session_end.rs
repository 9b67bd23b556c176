//! How sessions end.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether and how a session ended.
#[derive(Debug, Clone)]
pub(super) enum EndState {
    NotYet,
    Ours,
    Lost(String),
}

/// How a session ended; clones are of the same session.
#[derive(Debug, Clone)]
pub(super) struct SessionEnd(Arc<watch::Sender<EndState>>);

impl SessionEnd {
    /// Of a session that has begun.
    pub(super) fn not_yet() -> Self {
        SessionEnd(Arc::new(watch::channel(EndState::NotYet).0))
    }

    /// Whether it has.
    pub(super) fn is_there(&self) -> bool {
        !matches!(*self.0.borrow(), EndState::NotYet)
    }

    /// The first end stays.
    pub(super) fn put(&self, ending: EndState) {
        self.0.send_if_modified(|now| {
            let is_first = matches!(now, EndState::NotYet);
            if is_first {
                *now = ending;
            }
            is_first
        });
    }

    /// Gives the session up: whoever waits for an answer in it is told that the connection is closed.
    pub(super) fn lost(&self, why: impl Into<String>) {
        self.put(EndState::Lost(why.into()));
    }

    /// Waits for it.
    pub(super) async fn come(&self) -> EndState {
        let mut ending = self.0.subscribe();
        match ending.wait_for(|ending| !matches!(ending, EndState::NotYet)).await {
            Ok(ending) => ending.clone(),
            // The sender lives as long as this does.
            Err(_) => EndState::Lost("the connection's task was stopped".to_owned()),
        }
    }
}
