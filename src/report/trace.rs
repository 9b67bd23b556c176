//! Where the time of a run went: its phases and steps as spans of time.

use jiff::Timestamp;

use super::{closing::Closing, journal_entry::JournalEntry};
use crate::machine::{BackupCompleted, CheckOutcome, ChecksEvaluated, Event, Failure, RestoreCompleted, StepCommitted};

/// What a run did in this process, as spans of time. It grows with steps and attempts, not with batches or rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// UUID, as text.
    pub run: String,
    /// As the journal has it.
    pub plan: String,
    /// What was done, in order.
    pub spans: Vec<Span>,
    /// From the first event that this process stored to the last one; none where there was no event.
    pub whole: Option<Whole>,
    /// How it was left; none where the program ended before it knew.
    pub left: Option<RunExit>,
    since: (u64, Timestamp),
    batches: (u64, u64),
}

/// The time from the first to the last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Sequence number of the first event.
    pub seq: u64,
    /// Its time, by the server's clock.
    pub start: Timestamp,
    /// The last event's time.
    pub end: Timestamp,
}

/// How a run was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunExit {
    /// `succeeded`, `restored`, …
    pub outcome: &'static str,
    /// The program's exit code.
    pub exit_code: u8,
}

/// A piece of work and the time that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What the span is called by.
    pub work: TracedWork,
    /// Sequence number of the event that it begins with; unique in the run.
    pub seq: u64,
    /// By the server's clock.
    pub start: Timestamp,
    /// By the server's clock.
    pub end: Timestamp,
    /// What was counted: names as in OpenTelemetry attributes, after `backstop.`.
    pub counts: Vec<(&'static str, u64)>,
    /// Why it failed: code and message.
    pub failure: Option<(String, String)>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TracedWork {
    /// Looking whether the run can be made.
    Preflight,
    /// The before-checks.
    BeforeChecks,
    /// Copying and verifying the targets.
    Backup,
    /// An attempt of a step.
    Step {
        /// The step's id.
        step: String,
    },
    /// The after-checks.
    AfterChecks,
    /// A step's undo.
    Undo {
        /// The step's id.
        step: String,
    },
    /// Comparing everything with the backup after the last undo.
    Verification,
    /// An attempt to bring the database back.
    Restore,
    /// Rolling back the plan's one transaction.
    Rollback,
}

impl TracedWork {
    /// The phase, the same word for all steps.
    pub fn phase(&self) -> &'static str {
        match self {
            TracedWork::Preflight => "preflight",
            TracedWork::BeforeChecks => "before-checks",
            TracedWork::Backup => "backup",
            TracedWork::Step { .. } => "step",
            TracedWork::AfterChecks => "after-checks",
            TracedWork::Undo { .. } => "undo",
            TracedWork::Verification => "verification",
            TracedWork::Restore => "restore",
            TracedWork::Rollback => "rollback",
        }
    }

    /// The step's id, where it is about one.
    pub fn step(&self) -> Option<&str> {
        match self {
            TracedWork::Step { step } | TracedWork::Undo { step } => Some(step),
            _ => None,
        }
    }
}

/// What was done, what was counted, and why it failed.
type FinishedWork = (TracedWork, Vec<(&'static str, u64)>, Option<Failure>);

impl Trace {
    /// Of a run of a plan.
    pub fn new(run: impl Into<String>, plan: impl Into<String>) -> Self {
        Trace {
            run: run.into(),
            plan: plan.into(),
            spans: Vec::new(),
            whole: None,
            left: None,
            since: (0, Timestamp::UNIX_EPOCH),
            batches: (0, 0),
        }
    }

    /// Takes the next event.
    pub fn follow(&mut self, entry: &JournalEntry<'_>) {
        // The server writes times that can be read; one that can't is left out rather than made up.
        let Ok(at) = entry.at.parse::<Timestamp>() else { return };
        match &mut self.whole {
            Some(whole) => whole.end = at,
            None => {
                self.whole = Some(Whole { seq: entry.seq, start: at, end: at });
                self.since = (entry.seq, at);
            }
        }
        if let Event::BatchCommitted(batch) = entry.event {
            self.batches = (self.batches.0 + 1, self.batches.1 + batch.rows);
            return;
        }
        if let Some((work, counts, failure)) = self.done(entry.event) {
            let (seq, start) = self.since;
            let failure = failure.map(|failure| (failure.code, failure.message));
            self.spans.push(Span { work, seq, start, end: at, counts, failure });
        }
        self.since = (entry.seq, at);
    }

    /// Takes how the run was left.
    pub fn close(&mut self, closing: &Closing<'_>, exit_code: u8) {
        self.left = Some(RunExit { outcome: closing.word(), exit_code });
    }

    /// The work that ends with an event, what was counted, and why it failed.
    fn done(&mut self, event: &Event) -> Option<FinishedWork> {
        let step = |id: &str| TracedWork::Step { step: id.to_owned() };
        let undo = |id: &str| TracedWork::Undo { step: id.to_owned() };
        Some(match event {
            Event::PreflightPassed(e) => {
                (TracedWork::Preflight, vec![("tables", e.targets.len() as u64), ("bytes", e.bytes)], None)
            }
            Event::PreflightFailed(e) => (TracedWork::Preflight, Vec::new(), e.failures.first().cloned()),
            Event::BeforeChecksPassed(e) | Event::BeforeChecksFailed(e) => checked(TracedWork::BeforeChecks, e),
            Event::AfterChecksPassed(e) | Event::AfterChecksFailed(e) => checked(TracedWork::AfterChecks, e),
            Event::BackupCompleted(e) => (TracedWork::Backup, copied(e), None),
            Event::BackupFailed(e) => (TracedWork::Backup, Vec::new(), Some(e.failure.clone())),
            Event::StepCommitted(e) => (step(&e.step), self.committed(e), None),
            Event::StepFailed(e) => {
                let counts = vec![("attempt", u64::from(e.attempt))];
                (step(&e.step), counts, Some(e.failure.clone()))
            }
            Event::UndoCommitted(e) => (undo(&e.step), Vec::new(), None),
            Event::UndoFailed(e) => (undo(&e.step), Vec::new(), Some(e.failure.clone())),
            Event::UndoVerified(e) => (TracedWork::Verification, vec![("tables", e.tables as u64)], None),
            Event::UndoDiffers(e) => (TracedWork::Verification, vec![("differences", e.differences.len() as u64)], None),
            Event::RestoreCompleted(e) => (TracedWork::Restore, restored(e), None),
            Event::RestoreFailed(e) => {
                (TracedWork::Restore, vec![("attempt", u64::from(e.attempt))], Some(e.failure.clone()))
            }
            Event::TransactionRolledBack(e) => (TracedWork::Rollback, vec![("steps", e.steps as u64)], None),
            Event::RunStarted(_)
            | Event::TransactionOpened(_)
            | Event::BackupStarted(_)
            | Event::StepStarted(_)
            | Event::BatchCommitted(_)
            | Event::UndoStarted(_)
            | Event::RestoreStarted(_)
            | Event::RunInterrupted(_)
            | Event::RunResumed(_)
            | Event::RestoreRequested(_)
            | Event::PlanAmended(_)
            | Event::StepSettled(_)
            | Event::RunAccepted(_)
            | Event::RunSucceeded(_)
            | Event::RunAborted(_) => return None,
        })
    }

    fn committed(&mut self, event: &StepCommitted) -> Vec<(&'static str, u64)> {
        let (batches, in_batches) = std::mem::take(&mut self.batches);
        let rows = event.rows.iter().sum::<u64>() + in_batches;
        let mut counts = vec![("rows", rows), ("changes", event.changes.len() as u64)];
        if batches > 0 {
            counts.push(("batches", batches));
        }
        counts
    }
}

fn checked(work: TracedWork, event: &ChecksEvaluated) -> FinishedWork {
    let so_many = |outcome: CheckOutcome| event.results.iter().filter(|result| result.outcome == outcome).count() as u64;
    let counts = vec![
        ("checks.passed", so_many(CheckOutcome::Pass)),
        ("checks.warned", so_many(CheckOutcome::Warn)),
        ("checks.failed", so_many(CheckOutcome::Fail)),
        ("checks.errors", so_many(CheckOutcome::Error)),
    ];
    let blocking = event.blocking();
    let failure = (!blocking.is_empty())
        .then(|| Failure::permanent("backstop::check::failed", format!("checks failed: {}", blocking.join(", "))));
    (work, counts, failure)
}

fn copied(event: &BackupCompleted) -> Vec<(&'static str, u64)> {
    vec![
        ("tables", event.tables.len() as u64),
        ("rows", event.tables.iter().map(|table| table.rows).sum()),
        ("bytes", event.tables.iter().map(|table| table.bytes).sum()),
    ]
}

fn restored(event: &RestoreCompleted) -> Vec<(&'static str, u64)> {
    let restored = &event.restored;
    vec![
        ("tables", restored.reloaded.len() as u64),
        ("objects", restored.recreated as u64),
        ("proven", restored.proven as u64),
        ("quarantined", restored.quarantined + restored.set_aside),
    ]
}
