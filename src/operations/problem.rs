//! What stops an operation: of which kind it is, and what is told of it.

use std::{fmt, io, path::Path};

use miette::Diagnostic;

use crate::{
    drive::DriveError,
    load::Problems,
    machine::{Failure, FailureClass},
    postgres::{
        connection::{ConnectError, ConninfoError},
        dry_run,
        executor::OpenError,
        lock::{LockRefused, RunLockHolder},
    },
    render::InputProblem,
    sandbox::SandboxError,
    saved::SavedProblem,
};

/// What stops an operation.
#[derive(Debug)]
pub struct OperationProblem {
    /// Of which kind it is.
    pub kind: ProblemKind,
    /// What is told.
    pub details: Details,
}

/// What a problem means for whoever called the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// What nobody foresaw.
    Unexpected,
    /// The operation was asked for what it can't do.
    Usage,
    /// A plan, or what belongs to it, is not valid.
    Invalid,
    /// It ended before anything was changed.
    Aborted,
    /// A decision of a person is needed first.
    Held,
    /// Another run is under way.
    Busy,
}

/// What is told of a problem.
#[derive(Debug)]
pub enum Details {
    /// Mistakes of plan files, each at its place.
    Mistakes(Box<Problems>),
    /// What did not work.
    Failures(Vec<Failure>),
}

impl OperationProblem {
    /// Failures of this kind.
    pub fn failures(kind: ProblemKind, failures: Vec<Failure>) -> Self {
        OperationProblem { kind, details: Details::Failures(failures) }
    }

    /// One failure of this kind.
    pub fn failure(kind: ProblemKind, failure: Failure) -> Self {
        Self::failures(kind, vec![failure])
    }

    /// Wrong usage.
    pub fn usage(code: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::failure(ProblemKind::Usage, Failure::permanent(code, message).hint(help))
    }

    /// What nobody foresaw.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::failure(ProblemKind::Unexpected, Failure::permanent("backstop::cli::unexpected", message))
    }

    /// What can't be read is nobody's fault here: nothing was changed.
    pub fn unreadable(failure: Failure) -> Self {
        Self::failure(ProblemKind::Aborted, failure)
    }

    /// A saved plan that is none, or not as it was saved.
    pub fn saved(path: &Path, problem: &SavedProblem) -> Self {
        let message = format!("{}: {problem}", path.display());
        Self::failure(ProblemKind::Invalid, Failure::permanent(problem.code(), message).hint(problem.help()))
    }

    /// A file that can't be read or written.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        let message = format!("{}: {error}", path.display());
        let failure = Failure::permanent("backstop::cli::file", message).hint("Look at the path and at its permissions.");
        Self::failure(ProblemKind::Usage, failure)
    }

    /// What is wrong first, a fragment.
    pub fn first_message(&self) -> String {
        match &self.details {
            Details::Mistakes(problems) => problems.to_string(),
            Details::Failures(failures) => failures.first().map(|failure| failure.message.clone()).unwrap_or_default(),
        }
    }

    /// Whether there is a diagnostic with an excerpt to show.
    pub fn diagnostic(&self) -> Option<&dyn Diagnostic> {
        match &self.details {
            Details::Mistakes(problems) => Some(problems.as_ref()),
            Details::Failures(_) => None,
        }
    }
}

/// What is wrong, a line each.
impl fmt::Display for OperationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.details {
            Details::Mistakes(problems) => problems.fmt(f),
            Details::Failures(failures) => {
                let messages: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
                f.write_str(&messages.join("\n"))
            }
        }
    }
}

impl std::error::Error for OperationProblem {}

impl From<Problems> for OperationProblem {
    fn from(problems: Problems) -> Self {
        OperationProblem { kind: ProblemKind::Invalid, details: Details::Mistakes(Box::new(problems)) }
    }
}

impl From<Vec<InputProblem>> for OperationProblem {
    fn from(problems: Vec<InputProblem>) -> Self {
        let failure = |p: InputProblem| Failure::permanent(p.code, p.message).hint(p.help);
        Self::failures(ProblemKind::Invalid, problems.into_iter().map(failure).collect())
    }
}

impl From<ConninfoError> for OperationProblem {
    fn from(error: ConninfoError) -> Self {
        Self::usage(error.code(), error.to_string(), error.help())
    }
}

/// Nothing was changed: the run did not even begin.
impl From<ConnectError> for OperationProblem {
    fn from(error: ConnectError) -> Self {
        Self::failure(ProblemKind::Aborted, error.into())
    }
}

impl From<LockRefused> for OperationProblem {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::Failed(failure) => Self::failure(ProblemKind::Aborted, failure),
            LockRefused::Busy(holder) => busy(holder),
        }
    }
}

/// Nothing was changed: the run did not begin.
impl From<OpenError> for OperationProblem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Connect(error) => (*error).into(),
            OpenError::Busy(holder) => busy(holder),
            OpenError::Refused(failures) => Self::failures(ProblemKind::Aborted, failures),
        }
    }
}

/// Nothing was looked at yet.
impl From<dry_run::SessionRefusal> for OperationProblem {
    fn from(refusal: dry_run::SessionRefusal) -> Self {
        match refusal {
            dry_run::SessionRefusal::Connect(error) => (*error).into(),
            dry_run::SessionRefusal::Writable(failure) | dry_run::SessionRefusal::Failed(failure) => {
                Self::failure(ProblemKind::Aborted, failure)
            }
        }
    }
}

fn busy(holder: Option<Box<RunLockHolder>>) -> OperationProblem {
    let who = holder.as_ref().map_or_else(|| "somebody".to_owned(), |holder| holder.to_string());
    let failure = Failure::permanent("backstop::lock::busy", format!("another run holds the lock: {who}"))
        .hint("Wait for it to end, or give more time with `--lock-wait`. `backstop status` shows how far it is.");
    OperationProblem::failure(ProblemKind::Busy, failure)
}

impl From<SandboxError> for OperationProblem {
    fn from(error: SandboxError) -> Self {
        let failure = Failure::permanent(error.code(), error.to_string()).hint(error.help());
        Self::failure(ProblemKind::Aborted, failure)
    }
}

impl From<DriveError> for OperationProblem {
    fn from(error: DriveError) -> Self {
        let message = error.to_string();
        let failure = match error {
            DriveError::Journal(failure) | DriveError::Effect(failure) | DriveError::Doubtful(failure) => {
                let failure = Failure { message, ..failure };
                if is_passing(&failure) { with_way_on(failure) } else { failure }
            }
            DriveError::OtherPlan { .. } => Failure::permanent("backstop::drive::other_plan", message).hint(
                "The plan was changed after the run began. Give the plan as it was, or go back with `backstop restore`.",
            ),
            DriveError::PlanNeeded => {
                Failure::permanent("backstop::drive::plan_needed", message).hint("Go on with `backstop resume PLAN`.")
            }
            DriveError::Illegal(_) | DriveError::Replay(_) | DriveError::TakenOver { .. } => {
                Failure::permanent("backstop::drive::journal", message)
                    .hint("Nothing more was changed. `backstop show` prints what the journal holds.")
            }
        };
        Self::failure(ProblemKind::Unexpected, failure)
    }
}

/// Whether the server, or the way to it, was the reason: something that passes, or that can be put right.
fn is_passing(failure: &Failure) -> bool {
    failure.class == FailureClass::Transient || failure.sqlstate.is_some()
}

fn with_way_on(failure: Failure) -> Failure {
    const WAY_ON: &str = "The journal knows how far the run came: once the server can be used again, `backstop resume PLAN` goes on \
                          from there, and `backstop restore` goes back.";
    let hint = match &failure.hint {
        Some(hint) => format!("{} {WAY_ON}", hint.trim_end()),
        None => WAY_ON.to_owned(),
    };
    failure.hint(hint)
}
