//! Markdown for a comment on a pull request: a table, and more under a fold.

use std::fmt::Write;

use super::record::{FindingRecord, LintReport, PlanRecord};

/// Most findings that a comment tells; GitHub takes 65,536 characters.
const FINDINGS_MAX: usize = 60;

/// The report as Markdown.
pub fn markdown(report: &LintReport) -> String {
    let mark = if report.failed { "❌" } else { "✅" };
    let mut out = format!("### {mark} backstop lint: {}\n", report.summary());
    let mut left = FINDINGS_MAX;
    for plan in report.plans.iter().filter(|plan| !plan.findings.is_empty()) {
        findings_table(plan, &mut left, &mut out);
    }
    let more = report.findings().count().saturating_sub(FINDINGS_MAX);
    if more > 0 {
        let _ = writeln!(out, "\n… and {more} more; `backstop lint` tells all of them.");
    }
    out
}

fn findings_table(plan: &PlanRecord, left: &mut usize, out: &mut String) {
    let take = plan.findings.len().min(*left);
    *left -= take;
    if take == 0 {
        return;
    }
    let shown = || plan.findings.iter().take(take);
    let _ = write!(out, "\n#### `{}`\n\n| | where | what | rule |\n|---|---|---|---|\n", plan.file);
    for finding in shown().filter(|finding| finding.excepted.is_none()) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | `{}` |",
            finding.level,
            cell(&place(finding, plan)),
            cell(&finding.message),
            finding.rule
        );
    }
    let mut said: Vec<&str> = Vec::new();
    out.push_str("\n<details><summary>What to do</summary>\n\n");
    for finding in shown().filter(|finding| finding.excepted.is_none()) {
        if !said.contains(&finding.rule) {
            said.push(finding.rule);
            let manual = finding.manual.map(|page| format!(" ([manual]({page}))")).unwrap_or_default();
            let _ = writeln!(out, "- `{}`: {} {}{manual}", finding.rule, finding.effect, finding.remedy);
        }
    }
    for finding in shown() {
        if let Some(reason) = &finding.excepted {
            let _ = writeln!(out, "- excepted: `{}` at {}: {}", finding.rule, place(finding, plan), one_line(reason));
        }
    }
    out.push_str("\n</details>\n");
}

fn place(finding: &FindingRecord, plan: &PlanRecord) -> String {
    let file = if finding.file == plan.file { String::new() } else { format!("{}:", finding.file) };
    let step = finding.step.as_ref().map(|step| format!("{step}, ")).unwrap_or_default();
    format!("{step}{file}{}", finding.line)
}

/// What can stand in a cell of a table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('<', "&lt;")
}
