//! What a session keeps from one snapshot to the next: the queries, prepared, because planning them takes as long as running them;
//! and the last snapshot, of which only what moved is read again.

use std::{fmt, sync::Mutex};

use super::{
    amend::Known,
    prepared::{Prepared, lock},
};

/// What one session keeps from one snapshot to the next.
#[derive(Default)]
pub struct Memory {
    pub(super) prepared: Prepared,
    structure: Mutex<Kept>,
    #[cfg(debug_assertions)]
    compares: bool,
}

/// The last snapshot.
#[derive(Default)]
struct Kept {
    known: Option<Box<Known>>,
    /// Whether the server does not let us see which rows moved.
    is_hidden: bool,
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// One whose amended snapshots are each compared with a whole one, for tests: where they differ, the thread panics. Without
    /// debug assertions it is like any other.
    pub fn comparing() -> Self {
        Memory {
            #[cfg(debug_assertions)]
            compares: true,
            ..Memory::default()
        }
    }

    #[cfg(debug_assertions)]
    pub(super) fn compares(&self) -> bool {
        self.compares
    }

    /// Forgets everything: the session is another one, or the plan's SQL has dropped what was prepared.
    pub fn forget(&self) {
        self.prepared.forget();
        drop(self.take());
    }

    /// The last snapshot, where one was kept; to be kept again once it was amended. Work that fails in between leaves none, and the
    /// next one is read whole.
    pub(super) fn take(&self) -> Option<Box<Known>> {
        lock(&self.structure).known.take()
    }

    pub(super) fn keep(&self, known: Box<Known>) {
        lock(&self.structure).known = Some(known);
    }

    /// Whether snapshots are always read whole.
    pub(super) fn is_hidden(&self) -> bool {
        lock(&self.structure).is_hidden
    }

    pub(super) fn hide(&self) {
        *lock(&self.structure) = Kept { known: None, is_hidden: true };
    }
}
