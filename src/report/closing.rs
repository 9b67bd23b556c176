//! How a run stands when the program leaves it, and what to do next.

use super::{
    failure::{failure, why},
    remaining::unfinished,
    style::{Style, Tone, indented},
    uncovered::uncovered,
};
use crate::machine::{Cause, RemainingDifference, RunOutcome};

/// How a run stands when the program leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing<'a> {
    /// It has ended.
    Finished(&'a RunOutcome),
    /// It has ended so that there was nothing to bring back, because nothing had been committed.
    RolledBack(&'a Cause),
    /// A person must decide.
    Held(&'a Cause),
    /// A signal stopped the runner; `resume` goes on.
    Interrupted(&'a str),
}

impl Closing<'_> {
    /// The word for it in JSON and tables.
    pub fn word(&self) -> &'static str {
        match self {
            Closing::Finished(RunOutcome::Succeeded) => "succeeded",
            Closing::Finished(RunOutcome::Aborted(_)) => "aborted",
            Closing::Finished(RunOutcome::Restored { .. }) | Closing::RolledBack(_) => "restored",
            Closing::Finished(RunOutcome::RestoredExcept { .. }) => "restored_except",
            Closing::Finished(RunOutcome::Accepted) => "accepted",
            Closing::Finished(RunOutcome::Stuck(_)) => "stuck",
            Closing::Held(_) => "held",
            Closing::Interrupted(_) => "interrupted",
        }
    }

    /// What it means, in a few words.
    fn meaning(&self) -> &'static str {
        match self {
            Closing::Finished(RunOutcome::Succeeded) => "migrated and validated",
            Closing::Finished(RunOutcome::Aborted(_)) => "nothing was changed",
            Closing::Finished(RunOutcome::Restored { uncovered, .. }) if !uncovered.is_empty() => {
                "the database is as it was, verified, but for tables that no backup holds"
            }
            Closing::Finished(RunOutcome::Restored { .. }) => "the database is as it was, verified",
            Closing::Finished(RunOutcome::RestoredExcept { .. }) => {
                "all rows are back, verified, and the application may write; but not every object could be made as it was"
            }
            Closing::RolledBack(_) => "the transaction was rolled back, and nothing had been committed",
            Closing::Finished(RunOutcome::Accepted) => "the database stays as it stands",
            Closing::Finished(RunOutcome::Stuck(_)) => "the restore failed; nothing more is changed, and everything is kept",
            Closing::Held(_) => "a decision is needed",
            Closing::Interrupted(_) => "the run is not at its end",
        }
    }

    pub(super) fn cause(&self) -> Option<&Cause> {
        match self {
            Closing::Finished(
                RunOutcome::Aborted(cause) | RunOutcome::Restored { cause, .. } | RunOutcome::RestoredExcept { cause, .. },
            ) => Some(cause),
            Closing::Held(cause) | Closing::RolledBack(cause) => Some(cause),
            Closing::Finished(RunOutcome::Succeeded | RunOutcome::Accepted | RunOutcome::Stuck(_))
            | Closing::Interrupted(_) => None,
        }
    }

    /// What could not be made as it was.
    pub(super) fn remaining(&self) -> &[RemainingDifference] {
        match self {
            Closing::Finished(RunOutcome::RestoredExcept { remaining, .. }) => remaining,
            Closing::Finished(
                RunOutcome::Succeeded
                | RunOutcome::Aborted(_)
                | RunOutcome::Restored { .. }
                | RunOutcome::Accepted
                | RunOutcome::Stuck(_),
            )
            | Closing::RolledBack(_)
            | Closing::Held(_)
            | Closing::Interrupted(_) => &[],
        }
    }

    /// Tables that keep what the run wrote to them, because no backup holds them.
    pub(super) fn uncovered(&self) -> &[String] {
        match self {
            Closing::Finished(RunOutcome::Restored { uncovered, .. } | RunOutcome::RestoredExcept { uncovered, .. }) => {
                uncovered
            }
            Closing::Finished(
                RunOutcome::Succeeded | RunOutcome::Aborted(_) | RunOutcome::Accepted | RunOutcome::Stuck(_),
            )
            | Closing::RolledBack(_)
            | Closing::Held(_)
            | Closing::Interrupted(_) => &[],
        }
    }

    /// What a person can do next: a command and what it does.
    fn next(&self, run: &str) -> Vec<(String, &'static str)> {
        let show = (format!("backstop show {run}"), "everything that happened");
        let resume = |what| ("backstop resume PLAN".to_owned(), what);
        match self {
            Closing::Finished(
                RunOutcome::Succeeded
                | RunOutcome::Aborted(_)
                | RunOutcome::Restored { .. }
                | RunOutcome::RestoredExcept { .. }
                | RunOutcome::Accepted,
            )
            | Closing::RolledBack(_) => vec![show],
            Closing::Finished(RunOutcome::Stuck(_)) => {
                vec![
                    (format!("backstop restore {run}"), "try again, as often as you like, once what is in the way is gone"),
                    (
                        format!("backstop accept {run} --reason TEXT"),
                        "keep the database as it stands: the application may write again",
                    ),
                    ("backstop backup list".to_owned(), "the backup is still there"),
                    show,
                ]
            }
            Closing::Held(_) => vec![
                resume("go on where it stands"),
                (format!("backstop restore {run}"), "go back to what was before"),
                (format!("backstop accept {run} --reason TEXT"), "end here and keep the database as it stands"),
                show,
            ],
            Closing::Interrupted(_) => vec![resume("go on in the same direction"), show],
        }
    }

    /// The last lines of a run.
    pub fn text(&self, run: &str, style: Style) -> String {
        let (mark, tone) = match self {
            Closing::Finished(RunOutcome::Succeeded | RunOutcome::Accepted) => (style.good(), Tone::Good),
            Closing::Finished(RunOutcome::Restored { .. }) | Closing::RolledBack(_) => (style.back(), Tone::Good),
            Closing::Finished(RunOutcome::Aborted(_) | RunOutcome::RestoredExcept { .. })
            | Closing::Held(_)
            | Closing::Interrupted(_) => (style.careful(), Tone::Careful),
            Closing::Finished(RunOutcome::Stuck(_)) => (style.bad(), Tone::Bad),
        };
        let mut out = format!("{mark} {}: {}\n", style.paint(tone, self.word()), self.meaning());
        if let Some(cause) = self.cause() {
            out += &format!("  because {}\n", why(cause));
        }
        if let Closing::Finished(RunOutcome::Stuck(reason)) = self {
            out += &indented(&failure(reason, style), 2);
        }
        if !self.remaining().is_empty() {
            out += &indented(&unfinished(self.remaining(), style), 2);
        }
        if !self.uncovered().is_empty() {
            out += &indented(&uncovered(self.uncovered(), style), 2);
        }
        if let Closing::Interrupted(signal) = self {
            out += &format!("  because {} stopped the runner\n", super::style::one_line(signal));
        }
        let next = self.next(run);
        let widest = next.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
        for (command, what) in next {
            let space = " ".repeat(widest.saturating_sub(command.chars().count()));
            out += &format!("  {}{space}  {}\n", style.paint(Tone::Strong, &command), style.paint(Tone::Quiet, what));
        }
        out
    }
}
