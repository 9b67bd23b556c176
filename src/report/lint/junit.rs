//! JUnit's XML: a suite for each plan, a case for each finding.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{FindingRecord, LintReport, PlanRecord};
use crate::report::junit_document::document;

/// The report as JUnit's XML. What fails the command fails its case; all else passes and tells what it is in its output.
pub fn junit(report: &LintReport) -> String {
    let mut out = Report::new("backstop lint");
    out.add_test_suites(report.plans.iter().map(suite));
    document(&out)
}

fn suite(plan: &PlanRecord) -> TestSuite {
    let mut suite = TestSuite::new(plan.name.clone());
    if plan.findings.is_empty() {
        suite.add_test_case(named("no findings", plan));
    }
    for finding in &plan.findings {
        suite.add_test_case(case(finding, plan));
    }
    suite
}

fn named(name: &str, plan: &PlanRecord) -> TestCase {
    let mut case = TestCase::new(name.to_owned(), TestCaseStatus::success());
    case.set_classname(plan.file.clone());
    case
}

fn case(finding: &FindingRecord, plan: &PlanRecord) -> TestCase {
    let step = finding.step.as_ref().map(|step| format!(" in step {step}")).unwrap_or_default();
    let mut case = named(&format!("{}{step}, line {}", finding.rule, finding.line), plan);
    let place = format!("{}:{}:{}", finding.file, finding.line, finding.column);
    let text = format!("{place}: {}\n{}\n{}", finding.message, finding.effect, finding.remedy);
    if finding.fails {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(finding.message.clone());
        status.set_type(finding.rule);
        status.set_description(text);
        case.status = status;
    } else if let Some(reason) = &finding.excepted {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("excepted: {reason}"));
        case.status = status;
    } else {
        case.set_system_out(text);
    }
    case
}
