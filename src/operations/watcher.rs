//! Who is told what an operation does while it does it. Nothing is printed here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use uuid::Uuid;

use super::problem::OperationProblem;
use crate::{
    machine::Failure,
    plan::PlanName,
    postgres::{connection::ConnectError, lock::RunLockHolder},
};

pub use crate::{
    drive::{
        DriveOutcome,
        ports::{Observer, Recorded},
    },
    postgres::{
        progress::{SessionProgress, StatementProgress, Tell, Unit},
        step::Brake,
    },
};

/// Who is told what an operation does: the events of runs as they are stored, and what else is worth saying.
pub trait Watcher: Observer {
    /// Something that is worth saying.
    ///
    /// # Errors
    /// What ends the operation where it could not be told; the run that is under way has been left in order by then.
    fn notice(&mut self, notice: OperationNotice<'_>) -> Result<(), OperationProblem>;

    /// Who is told how far long work is, from another thread.
    fn progress(&self) -> Tell {
        Arc::new(|_| {})
    }
}

/// What is worth saying.
#[derive(Debug)]
pub enum OperationNotice<'a> {
    /// Files in folders that were given that are no plans.
    LeftOut(&'a [PathBuf]),
    /// What is questionable about how the database is connected to, a fragment.
    Connection(&'a str),
    /// Others than its owner can read a private key's file.
    KeyOpenToOthers(&'a Path),
    /// The repository names no key with this public part, so that its approvals don't count.
    KeyUnknown(&'a str),
    /// The server can't be reached, and is tried again for so long.
    ServerOutOfReach {
        /// Why not.
        error: &'a ConnectError,
        /// For how long.
        left: Duration,
    },
    /// The run lock is waited for, which somebody else holds.
    LockHeld(&'a RunLockHolder),
    /// A run is driven from now on.
    RunBegun {
        /// The one that is driven.
        run: Uuid,
        /// By which the journal knows the run's plan.
        plan: &'a PlanName,
    },
    /// An unfinished run of a plan that was to be applied goes on.
    GoingOn {
        /// The one that is gone on with.
        run: Uuid,
        /// By which the journal knows the run's plan.
        plan: &'a PlanName,
    },
    /// A run is left.
    RunLeft(&'a RunLeft),
    /// A plan is applied already.
    NothingToDo {
        /// As its file has it.
        plan: &'a str,
        /// The run that applied it.
        run: Uuid,
        /// When, RFC 3339.
        at: &'a str,
    },
    /// What a restore would change can't be said; it can be made all the same.
    NoPreview(&'a Failure),
    /// A piece of the demonstration begins.
    Demo(DemoPart),
}

/// The pieces of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoPart {
    /// A throwaway server is started.
    Starting,
    /// A migration that succeeds follows.
    Succeeds,
    /// A migration that fails and is restored follows.
    Fails,
    /// The example database is filled with so many people.
    Filling(u32),
}

/// How a run was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLeft {
    /// By which `resume`, `restore` and `show` find it again.
    pub run: Uuid,
    /// Whether it ended, is held, or was interrupted.
    pub ended: DriveOutcome,
}

/// Nobody is told anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn stored(&mut self, _: &Recorded) {}

    fn waiting(&mut self, _: Duration, _: &Failure) {}
}

impl Watcher for Silent {
    fn notice(&mut self, _: OperationNotice<'_>) -> Result<(), OperationProblem> {
        Ok(())
    }
}

/// A watcher as the driver sees it.
pub(super) struct WatcherObserver<'a>(pub &'a mut dyn Watcher);

impl Observer for WatcherObserver<'_> {
    fn stored(&mut self, recorded: &Recorded) {
        self.0.stored(recorded);
    }

    fn waiting(&mut self, time: Duration, why: &Failure) {
        self.0.waiting(time, why);
    }
}
