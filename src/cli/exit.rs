//! Exit codes, as the README documents them.

use std::process::ExitCode;

use crate::{
    machine::RunOutcome,
    operations::{DriveOutcome, OperationProblem, ProblemKind},
};

/// How the program ends. Pipelines rely on these numbers, so they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Unexpected failure.
    Unexpected = 1,
    /// Wrong usage.
    Usage = 2,
    /// The plan is not valid, or breaks a rule.
    Invalid = 3,
    /// Aborted before any step: nothing changed.
    Aborted = 4,
    /// Failed and restored: the database is as it was, verified.
    Restored = 5,
    /// Held: a decision is needed.
    Held = 6,
    /// Stuck: the restore failed, call a person.
    Stuck = 7,
    /// Another run holds the lock.
    Busy = 8,
    /// Plans that are required are not applied.
    Missing = 9,
    /// Failed and restored with all rows, but for differences that are named, with the statements that finish them.
    RestoredExcept = 10,
}

impl Exit {
    /// That of what stopped the program.
    pub fn of(problem: &OperationProblem) -> Self {
        match problem.kind {
            ProblemKind::Unexpected => Exit::Unexpected,
            ProblemKind::Usage => Exit::Usage,
            ProblemKind::Invalid => Exit::Invalid,
            ProblemKind::Aborted => Exit::Aborted,
            ProblemKind::Held => Exit::Held,
            ProblemKind::Busy => Exit::Busy,
        }
    }

    /// That of a run that was left.
    pub fn of_run(ended: &DriveOutcome) -> Self {
        match ended {
            DriveOutcome::Finished(RunOutcome::Succeeded | RunOutcome::Accepted) => Exit::Done,
            DriveOutcome::Finished(RunOutcome::Aborted(_)) => Exit::Aborted,
            DriveOutcome::Finished(RunOutcome::Restored { .. }) => Exit::Restored,
            DriveOutcome::Finished(RunOutcome::RestoredExcept { .. }) => Exit::RestoredExcept,
            DriveOutcome::Finished(RunOutcome::Stuck(_)) => Exit::Stuck,
            DriveOutcome::Held(_) | DriveOutcome::Interrupted { .. } => Exit::Held,
        }
    }

    /// As README's table has it; scripts depend on it.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
