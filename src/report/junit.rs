//! Checks and runs as JUnit's XML, which pipelines show as tests: a run is a suite, and its phases, steps and checks are its cases.
//!
//! Failures are what a run or its plan found, errors what could not be told.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    closing::Closing, failure::why, journal_entry::JournalEntry, junit_document::document, style::printable,
    uncovered::kept, units::between,
};
use crate::machine::{CheckOutcome, CheckPhase, CheckResult, Event, Failure};

/// A run, as it is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    plan: String,
    cases: Vec<JunitCase>,
    /// When the event before this one was stored.
    since: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct JunitCase {
    /// What it is of: `before`, `steps`, `run`, …
    class: &'static str,
    name: String,
    ended: JunitResult,
    time: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum JunitResult {
    Well,
    /// And this is to be said of it.
    WellBut(String),
    Failed {
        code: String,
        message: String,
    },
    /// It could not be told.
    Errored(String),
    /// It was not tried.
    NotBegun,
}

impl Suite {
    /// Of a run of this plan.
    pub fn new(plan: impl Into<String>) -> Self {
        Suite { plan: plan.into(), cases: Vec::new(), since: None }
    }

    /// Of a plan that was not begun, because one before it did not succeed.
    pub fn not_begun(plan: impl Into<String>) -> Self {
        let mut suite = Suite::new(plan);
        suite.case("run", "outcome", JunitResult::NotBegun, None);
        suite
    }

    /// Checks that were asked alone.
    pub fn of_checks(plan: impl Into<String>, results: &[CheckResult]) -> Self {
        let mut suite = Suite::new(plan);
        suite.checks(results);
        suite
    }

    /// Takes the next event of the run.
    pub fn follow(&mut self, entry: &JournalEntry<'_>) {
        let took = self.since.as_deref().and_then(|since| between(since, entry.at));
        match entry.event {
            Event::PreflightPassed(_) => self.case("phases", "preflight", JunitResult::Well, took),
            Event::PreflightFailed(e) => {
                let all: Vec<&str> = e.failures.iter().map(|failure| failure.message.as_str()).collect();
                let code = e.failures.first().map(|failure| failure.code.clone()).unwrap_or_default();
                self.case("phases", "preflight", JunitResult::Failed { code, message: all.join("; ") }, took);
            }
            Event::BeforeChecksPassed(e)
            | Event::BeforeChecksFailed(e)
            | Event::AfterChecksPassed(e)
            | Event::AfterChecksFailed(e) => self.checks(&e.results),
            Event::BackupCompleted(_) => self.case("phases", "backup", JunitResult::Well, took),
            Event::BackupFailed(e) => self.case("phases", "backup", failed(&e.failure), took),
            Event::StepCommitted(e) => {
                self.case("steps", &e.step, JunitResult::Well, took);
                self.checks(&e.checks);
            }
            Event::StepFailed(e) => {
                self.case("steps", &e.step, failed(&e.failure), took);
                self.checks(&e.checks);
            }
            Event::TransactionRolledBack(e) => {
                self.checks(&e.checks);
                let message = why(&e.cause);
                let code = "backstop::run::rolled_back".to_owned();
                self.case("phases", "transaction", JunitResult::Failed { code, message }, took);
            }
            Event::UndoCommitted(e) => self.case("undo", &e.step, JunitResult::Well, took),
            Event::UndoFailed(e) => self.case("undo", &e.step, failed(&e.failure), took),
            Event::RestoreCompleted(e) if e.restored.remaining.is_empty() => {
                self.case("phases", "restore", well_but(&e.restored.uncovered), took);
            }
            Event::UndoVerified(e) => self.case("phases", "comparison", well_but(&e.uncovered), took),
            Event::RestoreCompleted(e) => {
                let objects: Vec<String> =
                    e.restored.remaining.iter().map(|one| format!("{} {}", one.object, one.difference)).collect();
                let code = "backstop::run::restored_except".to_owned();
                self.case("phases", "restore", JunitResult::Failed { code, message: objects.join("; ") }, took);
            }
            Event::RestoreFailed(e) => self.case("phases", "restore", failed(&e.failure), took),
            _ => {}
        }
        self.since = Some(entry.at.to_owned());
    }

    /// Takes how the run was left.
    pub fn close(&mut self, closing: &Closing<'_>, exit_code: u8) {
        let ended = match exit_code {
            0 => well_but(closing.uncovered()),
            _ => {
                let because = closing.cause().map(|cause| format!(": {}", why(cause))).unwrap_or_default();
                let code = format!("backstop::run::{}", closing.word());
                let kept: String = closing.uncovered().iter().map(|table| format!("; {}", kept(table))).collect();
                JunitResult::Failed { code, message: format!("{}, exit code {exit_code}{because}{kept}", closing.word()) }
            }
        };
        self.case("run", "outcome", ended, None);
    }

    fn checks(&mut self, results: &[CheckResult]) {
        for result in results {
            let class = match result.phase {
                CheckPhase::Before => "before",
                CheckPhase::Unchanged => "unchanged",
                CheckPhase::After => "after",
                CheckPhase::Step => "steps.checks",
            };
            let ended = match result.outcome {
                CheckOutcome::Pass => JunitResult::Well,
                CheckOutcome::Warn => JunitResult::WellBut(result.message.clone()),
                CheckOutcome::Fail => {
                    JunitResult::Failed { code: "backstop::check::failed".to_owned(), message: result.message.clone() }
                }
                CheckOutcome::Error => JunitResult::Errored(result.message.clone()),
            };
            self.case(class, &result.id, ended, None);
        }
    }

    /// Adds a case; what is tried or asked again is the same case, and counts as it ended last.
    fn case(&mut self, class: &'static str, name: &str, ended: JunitResult, time: Option<Duration>) {
        let case = JunitCase { class, name: name.to_owned(), ended, time };
        match self.cases.iter_mut().find(|known| known.class == class && known.name == name) {
            Some(known) => *known = case,
            None => self.cases.push(case),
        }
    }

    fn written(&self) -> TestSuite {
        let mut suite = TestSuite::new(printable(&self.plan));
        for JunitCase { class, name, ended, time } in &self.cases {
            let status = match ended {
                JunitResult::Well | JunitResult::WellBut(_) => TestCaseStatus::success(),
                JunitResult::Failed { code, message } => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(printable(message)).set_type(code.as_str());
                    status
                }
                JunitResult::NotBegun => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message("not begun: a plan before it did not succeed");
                    status
                }
                JunitResult::Errored(message) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                    status.set_message(printable(message)).set_type("backstop::check::error");
                    status
                }
            };
            let mut case = TestCase::new(printable(name), status);
            case.set_classname(format!("{}.{class}", self.plan));
            if let Some(time) = time {
                case.set_time(*time);
            }
            if let JunitResult::WellBut(message) = ended {
                case.set_system_out(printable(message));
            }
            suite.add_test_case(case);
        }
        suite
    }
}

/// The suites as one document.
pub fn junit(suites: &[Suite]) -> String {
    let mut report = Report::new("backstop");
    report.add_test_suites(suites.iter().map(Suite::written));
    document(&report)
}

/// It went well, but for tables that were written to and not brought back.
fn well_but(uncovered: &[String]) -> JunitResult {
    match uncovered {
        [] => JunitResult::Well,
        tables => JunitResult::WellBut(tables.iter().map(|table| kept(table)).collect::<Vec<_>>().join("; ")),
    }
}

fn failed(failure: &Failure) -> JunitResult {
    JunitResult::Failed { code: failure.code.clone(), message: failure.message.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        machine::{ChecksEvaluated, StepCommitted, StepFailed},
        plan::Severity,
    };

    fn check(id: &str, outcome: CheckOutcome) -> CheckResult {
        CheckResult {
            id: id.to_owned(),
            phase: CheckPhase::After,
            severity: Severity::Fail,
            outcome,
            message: "2 rows <break> & \u{1b}[2J it".to_owned(),
            count: None,
            answer: None,
            sample: None,
            hint: None,
        }
    }

    #[test]
    fn a_run_is_a_suite_and_what_is_tried_again_counts_once() {
        let failure = Failure::permanent("backstop::step::sql", "division by zero");
        let failed = StepFailed { index: 0, step: "fill".to_owned(), attempt: 1, failure, checks: vec![] };
        let results =
            vec![check("good", CheckOutcome::Pass), check("warned", CheckOutcome::Warn), check("bad", CheckOutcome::Fail)];
        let events = [
            (Event::StepFailed(failed.clone()), "2026-01-01T00:00:01Z"),
            (Event::StepCommitted(StepCommitted::unseen(0, "fill")), "2026-01-01T00:00:03.5Z"),
            (Event::StepFailed(StepFailed { step: "other".to_owned(), ..failed }), "2026-01-01T00:00:04Z"),
            (Event::AfterChecksFailed(ChecksEvaluated { results }), "2026-01-01T00:00:05Z"),
        ];
        let mut suite = Suite::new("a-plan");
        for (seq, (event, at)) in events.iter().enumerate() {
            suite.follow(&JournalEntry { run: "r", seq: seq as u64, at, actor: "me", event });
        }
        let xml = junit(&[suite]);
        for part in ["a-plan.steps", "a-plan.after", "division by zero", "backstop::step::sql"] {
            assert!(xml.contains(part), "{part} is missing in {xml}");
        }
        let report = Report::deserialize_from_str(&xml).unwrap();
        assert_eq!((report.tests, report.failures, report.errors), (5, 2, 0));
    }

    #[test]
    fn checks_alone_are_a_suite() {
        let xml = junit(&[Suite::of_checks("p", &[check("odd", CheckOutcome::Error)])]);
        let report = Report::deserialize_from_str(&xml).unwrap();
        assert_eq!((report.tests, report.failures, report.errors), (1, 0, 1));
        assert!(xml.contains("&lt;break&gt;") && !xml.contains('\u{1b}'), "{xml}");
    }
}
