//! Annotations of GitHub Actions
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use super::record::{FindingRecord, LintReport};

/// One command a line for each finding of which the plan makes no exception.
pub fn github(report: &LintReport) -> String {
    let findings = report.findings().filter(|finding| finding.excepted.is_none());
    findings.map(annotation).collect::<Vec<_>>().join("\n")
}

fn annotation(finding: &FindingRecord) -> String {
    let command = match finding.level {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
    let mut place = format!("file={},line={},endLine={}", property(&finding.file), finding.line, finding.end_line);
    // Columns are only understood where it is all one line.
    if finding.line == finding.end_line {
        place += &format!(",col={},endColumn={}", finding.column, finding.end_column);
    }
    let title = property(&format!("backstop: {}", finding.rule));
    let text = data(&format!("{}\n{}\n{}", finding.message, finding.effect, finding.remedy));
    format!("::{command} {place},title={title}::{text}")
}

/// What stands behind `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands behind `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
