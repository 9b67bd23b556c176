//! Failures and causes.

use super::style::{Style, Tone, indented, one_line, printable};
use crate::machine::{Cause, Failure};

/// A failure: what happened, its code, what the server said beside it, and what to do.
pub fn failure(failure: &Failure, style: Style) -> String {
    let code = match &failure.sqlstate {
        Some(state) => format!("[{}, SQLSTATE {state}]", failure.code),
        None => format!("[{}]", failure.code),
    };
    let mut out = format!("{} {}\n", printable(&failure.message), style.paint(Tone::Quiet, &code));
    if let Some(detail) = &failure.detail {
        out += &indented(&printable(detail), 2);
    }
    if let Some(hint) = &failure.hint {
        out += &format!("  {} {}\n", style.paint(Tone::Strong, "help:"), printable(hint));
    }
    out
}

/// Why a run did not go its way, in one line.
pub(super) fn why(cause: &Cause) -> String {
    match cause {
        Cause::Preflight(failures) => {
            let messages: Vec<_> = failures.iter().map(|failure| one_line(&failure.message)).collect();
            messages.join("; ")
        }
        Cause::Checks(ids) if ids.len() == 1 => format!("the check {} did not hold", ids.join("")),
        Cause::Checks(ids) => format!("the checks {} did not hold", ids.join(", ")),
        Cause::Backup(failure) => format!("the backup failed: {}", one_line(&failure.message)),
        Cause::Step { step, failure } => format!("the step {step} failed: {}", one_line(&failure.message)),
        Cause::Transaction(failure) => format!("the transaction failed: {}", one_line(&failure.message)),
        Cause::Interrupted(signal) => format!("{} stopped it", one_line(signal)),
        Cause::Requested => "somebody asked for it".to_owned(),
    }
}

/// The failures behind a cause.
pub(super) fn failures(cause: &Cause) -> &[Failure] {
    match cause {
        Cause::Preflight(failures) => failures,
        Cause::Backup(failure) | Cause::Step { failure, .. } | Cause::Transaction(failure) => std::slice::from_ref(failure),
        Cause::Checks(_) | Cause::Interrupted(_) | Cause::Requested => &[],
    }
}
