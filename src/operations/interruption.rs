//! How an operation is stopped from outside.

use std::time::Duration;

use super::problem::{OperationProblem, ProblemKind};
use crate::{
    drive::ports::Interrupt,
    machine::{Failure, FailureClass},
    postgres::connection::cancel_all,
};

pub use crate::postgres::interrupt::{Interrupter, Interruption, interruption};

/// How long the server may take to hear that statements are to be cancelled.
const CANCELLED_WITHIN: Duration = Duration::from_secs(1);

/// Cancels the statements of all sessions of this process, as far as that is done within a second: for the moment before it ends.
pub async fn cancel_statements() {
    cancel_all(CANCELLED_WITHIN).await;
}

/// Lets work that changes nothing run to its end. Where it is interrupted before, the statements of the sessions that this interruption's
/// work has opened are cancelled, nobody else's, and it is given up.
///
/// # Errors
/// As the work, or that it was stopped.
pub async fn unless_stopped<T>(
    interruption: &Interruption,
    work: impl Future<Output = Result<T, OperationProblem>>,
) -> Result<T, OperationProblem> {
    // What is waited for is large, and whoever embeds it may have a small stack.
    let mut work = Box::pin(interruption.sessions().during(work));
    if let Some(done) = interruption.unless_raised(&mut work).await {
        return done;
    }
    interruption.sessions().cancel(CANCELLED_WITHIN).await;
    let name = interruption.signal().unwrap_or_else(|| "a signal".to_owned());
    let failure = Failure::permanent("backstop::cli::stopped", format!("{name} stopped it: nothing was changed"));
    Err(OperationProblem::failure(ProblemKind::Aborted, failure.class(FailureClass::Interrupted)))
}
