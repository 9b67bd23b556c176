//! How a run stands when the program leaves it, and what to do next.

use super::{
    failure::{failure, why},
    remaining::unfinished,
    style::{Style, Tone, indented},
    uncovered::uncovered,
};
use crate::machine::{Cause, Ending, RemainingDifference};

/// How a run stands when the program leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing<'a> {
    /// It has ended.
    Finished(&'a Ending),
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
            Closing::Finished(Ending::Succeeded) => "succeeded",
            Closing::Finished(Ending::Aborted(_)) => "aborted",
            Closing::Finished(Ending::Restored { .. }) | Closing::RolledBack(_) => "restored",
            Closing::Finished(Ending::RestoredExcept { .. }) => "restored_except",
            Closing::Finished(Ending::Accepted) => "accepted",
            Closing::Finished(Ending::Stuck(_)) => "stuck",
            Closing::Held(_) => "held",
            Closing::Interrupted(_) => "interrupted",
        }
    }

    /// What it means, in a few words.
    fn meaning(&self) -> &'static str {
        match self {
            Closing::Finished(Ending::Succeeded) => "migrated and validated",
            Closing::Finished(Ending::Aborted(_)) => "nothing was changed",
            Closing::Finished(Ending::Restored { uncovered, .. }) if !uncovered.is_empty() => {
                "the database is as it was, verified, but for tables that no backup holds"
            }
            Closing::Finished(Ending::Restored { .. }) => "the database is as it was, verified",
            Closing::Finished(Ending::RestoredExcept { .. }) => {
                "all rows are back, verified, and the application may write; but not every object could be made as it was"
            }
            Closing::RolledBack(_) => "the transaction was rolled back, and nothing had been committed",
            Closing::Finished(Ending::Accepted) => "the database stays as it stands",
            Closing::Finished(Ending::Stuck(_)) => "the restore failed; nothing more is changed, and everything is kept",
            Closing::Held(_) => "a decision is needed",
            Closing::Interrupted(_) => "the run is not at its end",
        }
    }

    pub(super) fn cause(&self) -> Option<&Cause> {
        match self {
            Closing::Finished(
                Ending::Aborted(cause) | Ending::Restored { cause, .. } | Ending::RestoredExcept { cause, .. },
            ) => Some(cause),
            Closing::Held(cause) | Closing::RolledBack(cause) => Some(cause),
            Closing::Finished(Ending::Succeeded | Ending::Accepted | Ending::Stuck(_)) | Closing::Interrupted(_) => None,
        }
    }

    /// What could not be made as it was.
    pub(super) fn remaining(&self) -> &[RemainingDifference] {
        match self {
            Closing::Finished(Ending::RestoredExcept { remaining, .. }) => remaining,
            Closing::Finished(
                Ending::Succeeded | Ending::Aborted(_) | Ending::Restored { .. } | Ending::Accepted | Ending::Stuck(_),
            )
            | Closing::RolledBack(_)
            | Closing::Held(_)
            | Closing::Interrupted(_) => &[],
        }
    }

    /// Tables that keep what the run wrote to them, because no backup holds them.
    pub(super) fn uncovered(&self) -> &[String] {
        match self {
            Closing::Finished(Ending::Restored { uncovered, .. } | Ending::RestoredExcept { uncovered, .. }) => uncovered,
            Closing::Finished(Ending::Succeeded | Ending::Aborted(_) | Ending::Accepted | Ending::Stuck(_))
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
                Ending::Succeeded
                | Ending::Aborted(_)
                | Ending::Restored { .. }
                | Ending::RestoredExcept { .. }
                | Ending::Accepted,
            )
            | Closing::RolledBack(_) => vec![show],
            Closing::Finished(Ending::Stuck(_)) => {
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
            Closing::Finished(Ending::Succeeded | Ending::Accepted) => (style.good(), Tone::Good),
            Closing::Finished(Ending::Restored { .. }) | Closing::RolledBack(_) => (style.back(), Tone::Good),
            Closing::Finished(Ending::Aborted(_) | Ending::RestoredExcept { .. })
            | Closing::Held(_)
            | Closing::Interrupted(_) => (style.careful(), Tone::Careful),
            Closing::Finished(Ending::Stuck(_)) => (style.bad(), Tone::Bad),
        };
        let mut out = format!("{mark} {}: {}\n", style.paint(tone, self.word()), self.meaning());
        if let Some(cause) = self.cause() {
            out += &format!("  because {}\n", why(cause));
        }
        if let Closing::Finished(Ending::Stuck(reason)) = self {
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
