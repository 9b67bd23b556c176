//! How a drive ended, or why it could not go on.

use std::fmt;

use crate::machine::{Cause, Failure, IllegalEvent, ReplayError, RunOutcome};

/// Where a run is when the driver leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriveOutcome {
    /// The run has ended.
    Finished(RunOutcome),
    /// A person must decide.
    Held(Cause),
    /// A signal stopped the runner on a way that a run doesn't leave, back for instance, or while the database was out of
    /// reach; `resume` goes on with it.
    Interrupted {
        /// The signal's name.
        signal: String,
    },
}

/// Why the driver could not go on. The run stays as its journal says, and `resume` goes on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriveError {
    /// An event could not be stored, or the journal not be read.
    Journal(Failure),
    /// The run's end could not be stored, or a transaction not be rolled back.
    Effect(Failure),
    /// What was about to be stored can't happen now.
    Illegal(IllegalEvent),
    /// The journal is not that of one run, whole and in order.
    Replay(ReplayError),
    /// The journal holds an event that this runner did not write.
    TakenOver {
        /// Its kind.
        event: &'static str,
    },
    /// The journal's run is of another plan, or of another content of this one.
    OtherPlan {
        /// Fingerprint of the run's plan.
        run: String,
        /// Fingerprint of the plan that was given.
        given: String,
    },
    /// The way back goes through a step's `undo`, whose SQL is in the plan, and none was given.
    PlanNeeded,
    /// The outcome of the same step could not be found out time and again.
    Doubtful(Failure),
}

impl From<IllegalEvent> for DriveError {
    fn from(why: IllegalEvent) -> Self {
        DriveError::Illegal(why)
    }
}

impl From<ReplayError> for DriveError {
    fn from(why: ReplayError) -> Self {
        DriveError::Replay(why)
    }
}

impl fmt::Display for DriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DriveError::Journal(failure) => write!(f, "the journal can't be used: {}", failure.message),
            DriveError::Effect(failure) => f.write_str(&failure.message),
            DriveError::Illegal(why) => write!(f, "{why}"),
            DriveError::Replay(why) => write!(f, "{why}"),
            DriveError::TakenOver { event } => write!(f, "another runner has taken the run over and wrote `{event}`"),
            DriveError::OtherPlan { run, given } => {
                write!(f, "the run is of a plan with fingerprint {run}, not of the given one with {given}")
            }
            DriveError::PlanNeeded => f.write_str("the plan is needed to go on with this run"),
            DriveError::Doubtful(failure) => {
                write!(f, "the connection was lost again and again while a step ran: {}", failure.message)
            }
        }
    }
}

impl std::error::Error for DriveError {}
