//! The run that this process drives, for the last words of one that stops at once.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

static DRIVEN: Mutex<Option<Uuid>> = Mutex::new(None);

/// From now on this process drives this run.
pub fn now_driving(run: Uuid) {
    *DRIVEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
}

/// The run that this process drives, or drove last.
pub fn driven() -> Option<Uuid> {
    *DRIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}
