//! Sessions that are open, so that none of their statements goes on at the server when what they are for has ended.

use std::{
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::timeout;

use super::{cancel::CancelHandle, session_end::SessionEnd};

/// All that this process has open.
static OF_PROCESS: LazyLock<OpenSessions> = LazyLock::new(OpenSessions::default);

tokio::task_local! {
    /// Those of the piece of work that this task is at.
    static OF_WORK: OpenSessions;
}

/// Sessions, by what cancels their statements, for as long as they are open; clones are the same ones.
#[derive(Clone, Default)]
pub struct OpenSessions(Arc<Mutex<Vec<(SessionEnd, CancelHandle)>>>);

impl OpenSessions {
    /// Those that are opened while the work goes on are among these.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        OF_WORK.scope(self.clone(), work).await
    }

    /// Asks the server to cancel whatever runs in them, and waits no longer than this for it to be heard. For the moment before they
    /// are given up: who goes on with a session would find another statement of it cancelled.
    pub async fn cancel(&self, within: Duration) {
        let open: Vec<CancelHandle> = {
            let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            open.iter().filter(|(end, _)| !end.is_there()).map(|(_, cancel)| cancel.clone()).collect()
        };
        // Where the server can't be reached, the statements end when it finds that their client is gone.
        let _ = timeout(within, join_all(open.iter().map(CancelHandle::cancel))).await;
    }

    fn remember(&self, end: &SessionEnd, cancel: &CancelHandle) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(end, _)| !end.is_there());
        open.push((end.clone(), cancel.clone()));
    }
}

impl std::fmt::Debug for OpenSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenSessions")
    }
}

/// Keeps in mind what cancels the statements of a session.
pub(super) fn remember(end: &SessionEnd, cancel: &CancelHandle) {
    OF_PROCESS.remember(end, cancel);
    // Outside of such work there are only those of the process.
    let _ = OF_WORK.try_with(|sessions| sessions.remember(end, cancel));
}

/// The same for all sessions of this process, for the moment before it ends.
pub async fn cancel_all(within: Duration) {
    OF_PROCESS.cancel(within).await;
}
