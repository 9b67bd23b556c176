//! A run told as it happens: a line for each phase and step, with what is worth knowing under it.

use std::time::Duration;

use super::{
    check_results::{checks, tally},
    failure::{failure, failures, why},
    journal_entry::JournalEntry,
    step_change::changes,
    style::{Style, Tone, indented, one_line, printable},
    trial::trial,
    uncovered::{kept, uncovered},
    units::{between, bytes, duration, moment, so_many},
};
use crate::machine::{
    BackupCompleted, CheckOutcome, CheckResult, ChecksEvaluated, Event, Failure, FailureClass, PreflightPassed,
    RemainingDifference, Restoration, RestoreCompleted, RunStarted, Settlement, StepCommitted, StepFailed, StepSettled,
    TransactionRolledBack,
};

/// Where what stands under a line begins.
const UNDER: usize = 6;
/// Most tables that a list names.
const TABLES_MAX: usize = 12;

/// A run told as it happens. Each event gives the text to print next, which may be nothing; timings are the time since the
/// event before.
#[derive(Debug, Clone, Default)]
pub struct ProgressLog {
    style: Style,
    last: Option<String>,
}

impl ProgressLog {
    /// Tells in this style.
    pub fn new(style: Style) -> Self {
        ProgressLog { style, last: None }
    }

    /// The text for the next event, whole lines, or nothing.
    pub fn tell(&mut self, entry: &JournalEntry<'_>) -> String {
        if let Event::BatchCommitted(_) = entry.event {
            // Thousands of these come; the step tells of all of them together.
            return String::new();
        }
        let took = self.last.as_deref().and_then(|last| between(last, entry.at));
        self.last = Some(entry.at.to_owned());
        let s = self.style;
        match entry.event {
            Event::RunStarted(e) => self.begin(e, entry.at),
            Event::PreflightPassed(e) => self.line(&s.good(), "preflight", &ready(e), took) + &self.warnings(&e.warnings),
            Event::PreflightFailed(e) => {
                let what = so_many(e.failures.len() as u64, "problem");
                self.line(&s.bad(), "preflight", &what, took) + &self.failures(&e.failures)
            }
            Event::BeforeChecksPassed(e) => self.checked("before-checks", e, took),
            Event::BeforeChecksFailed(e) => self.checked("before-checks", e, took),
            Event::BackupCompleted(e) => self.backed_up(e, took),
            Event::BackupFailed(e) => self.failed("backup", &e.failure, took),
            Event::StepCommitted(e) => self.step(e, took),
            Event::StepFailed(e) => self.step_failed(e, took),
            Event::AfterChecksPassed(e) => self.checked("after-checks", e, took),
            Event::AfterChecksFailed(e) => self.checked("after-checks", e, took),
            Event::UndoCommitted(e) => self.line(&s.back(), &format!("undo {}", e.step), "", took),
            Event::UndoFailed(e) => self.failed(&format!("undo {}", e.step), &e.failure, took),
            Event::UndoVerified(e) => {
                let equal = format!("{} proven equal to the backup", so_many(e.tables as u64, "table"));
                self.line(&s.back(), "comparison", &equal, took) + &indented(&uncovered(&e.uncovered, s), UNDER)
            }
            Event::UndoDiffers(e) => {
                let what = format!("{} from the backup", so_many(e.differences.len() as u64, "difference"));
                let differences = listed(&e.differences).iter().fold(String::new(), |out, line| out + line + "\n");
                self.line(&s.careful(), "comparison", &what, took) + &indented(&differences, UNDER)
            }
            Event::RestoreCompleted(e) => self.restored(e, took),
            Event::RestoreFailed(e) if e.failure.class == FailureClass::Partial => {
                let what = "can't be exact; what can't be made as it was is left, and the rest brought back";
                self.line(&s.careful(), "restore", what, took) + &indented(&failure(&e.failure, s), UNDER)
            }
            Event::RestoreFailed(e) => self.failed("restore", &e.failure, took),
            Event::TransactionRolledBack(e) => self.rolled_back(e, took),
            Event::RunInterrupted(e) => self.line(&s.careful(), &one_line(&e.signal), "the run was stopped", took),
            Event::RunResumed(_) => self.noted("resumed", entry),
            Event::RestoreRequested(_) => self.noted("restore requested", entry),
            Event::PlanAmended(e) => {
                let changes: String = listed(&e.changes).iter().map(|change| format!("~ {change}\n")).collect();
                self.noted("plan amended", entry) + &indented(&changes, UNDER)
            }
            Event::StepSettled(e) => self.settled(e, entry),
            Event::RunAccepted(e) => self.line(&s.good(), "accepted", &one_line(&e.reason), None),
            // Of these the outcome is told, or the closing says it.
            Event::TransactionOpened(_)
            | Event::BackupStarted(_)
            | Event::StepStarted(_)
            | Event::BatchCommitted(_)
            | Event::UndoStarted(_)
            | Event::RestoreStarted(_)
            | Event::RunSucceeded(_)
            | Event::RunAborted(_) => String::new(),
        }
    }

    fn begin(&self, started: &RunStarted, at: &str) -> String {
        let steps = so_many(started.outline.steps.len() as u64, "step");
        let about = format!("{steps}, run {}, {}", started.run, moment(at));
        let head = format!("{}  {}\n", self.style.paint(Tone::Strong, &started.plan), self.style.paint(Tone::Quiet, &about));
        let Some(saved) = &started.saved_plan else { return head };
        let approved = match saved.approved_by.as_slice() {
            [] => String::new(),
            names => format!(", approved by {}", one_line(&names.join(", "))),
        };
        head + &format!("  {}\n", self.style.paint(Tone::Quiet, &format!("saved plan {}{approved}", one_line(&saved.id))))
    }

    /// `  ✓ name  what  1.2 s`
    fn line(&self, mark: &str, name: &str, what: &str, took: Option<Duration>) -> String {
        let mut out = format!("  {mark} {}", self.style.paint(Tone::Strong, name));
        if !what.is_empty() {
            out += &format!("  {what}");
        }
        if let Some(took) = took {
            out += &self.style.paint(Tone::Quiet, &format!("  {}", duration(took)));
        }
        out + "\n"
    }

    fn noted(&self, what: &str, entry: &JournalEntry<'_>) -> String {
        let by = format!("by {} at {}", one_line(entry.actor), moment(entry.at));
        self.line(&self.style.careful(), what, &by, None)
    }

    fn settled(&self, settled: &StepSettled, entry: &JournalEntry<'_>) -> String {
        let outcome = match settled.outcome {
            Settlement::Applied => "applied",
            Settlement::NotApplied => "not applied",
        };
        let evidence: String = listed(&settled.evidence).iter().map(|line| format!("{line}\n")).collect();
        let reason = format!("{}\n", one_line(&settled.reason));
        self.noted(&format!("step {} settled as {outcome}", settled.step), entry) + &indented(&(reason + &evidence), UNDER)
    }

    fn warnings(&self, warnings: &[String]) -> String {
        warnings.iter().map(|warning| indented(&format!("{} {}", self.style.careful(), printable(warning)), UNDER)).collect()
    }

    fn failures(&self, of: &[Failure]) -> String {
        of.iter().map(|one| indented(&format!("{} {}", self.style.bad(), failure(one, self.style)), UNDER)).collect()
    }

    fn failed(&self, name: &str, why: &Failure, took: Option<Duration>) -> String {
        self.line(&self.style.bad(), name, "failed", took) + &indented(&failure(why, self.style), UNDER)
    }

    fn checked(&self, name: &str, checked: &ChecksEvaluated, took: Option<Duration>) -> String {
        let is_whole = checked.results.iter().all(|result| result.outcome != CheckOutcome::Error);
        let mark = match checked.blocking().is_empty() {
            true if is_whole => self.style.good(),
            true => self.style.careful(),
            false => self.style.bad(),
        };
        self.line(&mark, name, &tally(&checked.results), took) + &indented(&checks(&checked.results, self.style), UNDER)
    }

    fn backed_up(&self, backup: &BackupCompleted, took: Option<Duration>) -> String {
        let rows = backup.tables.iter().map(|table| table.rows).sum();
        let size = backup.tables.iter().map(|table| table.bytes).sum();
        let tables = so_many(backup.tables.len() as u64, "table");
        let what = format!("{}: {tables}, {}, {}", backup.backup, so_many(rows, "row"), bytes(size));
        let trial = backup.trial.as_ref().map(|proof| indented(&trial(proof), UNDER)).unwrap_or_default();
        self.line(&self.style.good(), "backup", &what, took) + &trial
    }

    fn step(&self, step: &StepCommitted, took: Option<Duration>) -> String {
        let what = match step.rows.as_slice() {
            [] => String::new(),
            rows => so_many(rows.iter().sum(), "row"),
        };
        let under = changes(step, self.style) + &checks(&step.checks, self.style);
        self.line(&self.style.good(), &format!("step {}", step.step), &what, took) + &indented(&under, UNDER)
    }

    fn step_failed(&self, failed: &StepFailed, took: Option<Duration>) -> String {
        let (mark, what) = match failed.failure.class {
            FailureClass::Transient => (self.style.careful(), format!("attempt {} failed", failed.attempt)),
            FailureClass::Unknown => (self.style.bad(), "outcome unknown".to_owned()),
            FailureClass::Permanent | FailureClass::Partial | FailureClass::Interrupted | FailureClass::Undecided => {
                (self.style.bad(), "failed".to_owned())
            }
        };
        let under = failure(&failed.failure, self.style) + &checks(&failing(&failed.checks), self.style);
        self.line(&mark, &format!("step {}", failed.step), &what, took) + &indented(&under, UNDER)
    }

    fn restored(&self, done: &RestoreCompleted, took: Option<Duration>) -> String {
        let of = &done.restored;
        let parts: [(usize, &str, &str); 5] = [
            (of.reloaded.len(), "table", "reloaded"),
            (of.untouched.len(), "table", "left as it was"),
            (of.dropped.len(), "table", "dropped"),
            (of.recreated, "object", "created again"),
            (of.proven, "table", "proven equal"),
        ];
        let said = parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, what)| format!("{} {what}", so_many(*n as u64, one)));
        let what = format!("from backup {}: {}", done.backup, said.collect::<Vec<_>>().join(", "));
        let what = what.trim_end_matches([' ', ':']).to_owned();
        let mut under: Vec<String> = listed(&of.reloaded).iter().map(|table| format!("↶ {table}")).collect();
        under.extend(
            of.dropped
                .iter()
                .take(TABLES_MAX)
                .map(|(table, rows)| format!("- table {} with {}", one_line(table), so_many(*rows, "row"))),
        );
        under.extend(listed(&of.respelled).iter().map(|object| format!("= {object}, respelled by the server")));
        let fresh = |view: &String| format!("= {view}, filled again: it was stale at the backup");
        under.extend(listed(&of.refreshed).iter().map(fresh));
        let uncounted = |table: &String| format!("! no statistics yet, run ANALYZE: {table}");
        under.extend(listed(&of.unanalyzed).iter().map(uncounted));
        under.extend(listed(&of.uncovered).iter().map(|table| format!("! {}", kept(table))));
        under.extend(later_writes(of));
        under.extend(consumers(of));
        under.extend(listed(&of.others).iter().map(|one| format!("! {}", one_line(one))));
        let not_as_it_was =
            |left: &RemainingDifference| format!("! {} {}", one_line(&left.object.to_string()), one_line(&left.difference));
        under.extend(of.remaining.iter().map(not_as_it_was));
        let under: String = under.iter().map(|line| format!("{line}\n")).collect();
        let mark = if of.remaining.is_empty() { self.style.back() } else { self.style.careful() };
        self.line(&mark, "restored", &what, took) + &indented(&under, UNDER)
    }

    fn rolled_back(&self, rolled: &TransactionRolledBack, took: Option<Duration>) -> String {
        let what = format!("with {}: {}", so_many(rolled.steps as u64, "step"), why(&rolled.cause));
        let of: String = failures(&rolled.cause).iter().map(|one| failure(one, self.style)).collect();
        let under = of + &checks(&failing(&rolled.checks), self.style);
        self.line(&self.style.back(), "rolled back", &what, took) + &indented(&under, UNDER)
    }
}

/// What became of writes of others since the backup.
fn later_writes(of: &Restoration) -> Vec<String> {
    let mut lines = Vec::new();
    if of.carried_over + of.curtailed > 0 {
        lines.push(format!("+ {} of others carried over", so_many(of.carried_over + of.curtailed, "change")));
    }
    if of.quarantined > 0 {
        let changes = so_many(of.quarantined, "change");
        lines.push(format!("! {changes} of others could not be made again: look into backstop.quarantine"));
    }
    if of.set_aside > 0 {
        let rows = so_many(of.set_aside, "row");
        lines.push(format!("! {rows} that pointed to nothing taken out: look into backstop.quarantine"));
    }
    if of.curtailed > 0 {
        let changes = so_many(of.curtailed, "change");
        lines.push(format!("! {changes} of others lost values that have no column: look into backstop.quarantine"));
    }
    let tables = of.overwritten.iter().take(TABLES_MAX);
    lines.extend(tables.map(|(table, transactions)| {
        let what = match transactions {
            0 => "whatever was written past its fence".to_owned(),
            _ => format!("writes of {}", so_many(*transactions, "transaction")),
        };
        format!("! {} overwritten, as asked: {what}", one_line(table))
    }));
    lines
}

/// Who must be synchronised again, and how.
fn consumers(of: &Restoration) -> Vec<String> {
    let mut lines: Vec<String> = listed(&of.unpublished)
        .iter()
        .map(|member| {
            format!(
                "! {member}: its subscribers did not see these rows come back. Take it out of the publication, there ALTER SUBSCRIPTION … \
                 REFRESH PUBLICATION and TRUNCATE the table, put it in again, and REFRESH once more, which copies it"
            )
        })
        .collect();
    let slots = listed(&of.slots).into_iter().map(|slot| {
        format!("! replication slot {slot}: who reads changes from it may have seen only a part of what came back, and needs a new copy")
    });
    lines.extend(slots);
    lines
}

fn ready(passed: &PreflightPassed) -> String {
    let (major, minor) = (passed.server_version / 10_000, passed.server_version % 10_000);
    let tables = so_many(passed.targets.len() as u64, "table");
    format!("PostgreSQL {major}.{minor}, {tables} to back up, {}", bytes(passed.bytes))
}

fn failing(results: &[CheckResult]) -> Vec<CheckResult> {
    results.iter().filter(|result| result.outcome != CheckOutcome::Pass).cloned().collect()
}

/// Texts, up to a bound, and how many more there are.
fn listed(texts: &[String]) -> Vec<String> {
    let mut out: Vec<String> = texts.iter().take(TABLES_MAX).map(|text| one_line(text)).collect();
    if texts.len() > TABLES_MAX {
        out.push(format!("… and {} more", texts.len() - TABLES_MAX));
    }
    out
}
