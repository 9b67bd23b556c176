//! What the server says beside its answers.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_postgres::error::DbError;

/// More than this many notices are not kept; a function that raises one a row would fill the memory.
const KEPT: usize = 1_000;

/// One message of the server: NOTICE, WARNING, INFO and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE` or `WARNING` for instance, possibly in the server's language.
    pub severity: String,
    /// SQLSTATE.
    pub code: String,
    /// What it says.
    pub message: String,
    /// DETAIL.
    pub detail: Option<String>,
    /// HINT.
    pub hint: Option<String>,
}

impl From<DbError> for Notice {
    fn from(said: DbError) -> Self {
        Notice {
            severity: said.severity().to_owned(),
            code: said.code().code().to_owned(),
            message: said.message().to_owned(),
            detail: said.detail().map(str::to_owned),
            hint: said.hint().map(str::to_owned),
        }
    }
}

/// Notices since they were taken last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// The newest ones, oldest first.
    pub kept: Vec<Notice>,
    /// How many older ones were not kept.
    pub lost: usize,
}

/// Where the connection's task puts notices.
#[derive(Default)]
pub(super) struct Inbox(Mutex<NoticeBuffer>);

#[derive(Default)]
struct NoticeBuffer {
    kept: VecDeque<Notice>,
    lost: usize,
}

impl Inbox {
    pub fn put(&self, notice: Notice) {
        let mut held = self.held();
        if held.kept.len() == KEPT {
            held.kept.pop_front();
            held.lost += 1;
        }
        held.kept.push_back(notice);
    }

    pub fn take(&self) -> Notices {
        let held = std::mem::take(&mut *self.held());
        Notices { kept: held.kept.into(), lost: held.lost }
    }

    /// A panic elsewhere leaves the queue usable.
    fn held(&self) -> MutexGuard<'_, NoticeBuffer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
