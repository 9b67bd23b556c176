//! Annotations of GitHub Actions
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use super::record::{FindingRecord, LintReport};
use crate::report::workflow_command::command;

/// One command a line for each finding of which the plan makes no exception.
pub fn github(report: &LintReport) -> String {
    report.findings().filter(|finding| finding.excepted.is_none()).map(annotation).collect()
}

fn annotation(finding: &FindingRecord) -> String {
    let name = match finding.level {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
    let mut properties =
        vec![("file", finding.file.clone()), ("line", finding.line.to_string()), ("endLine", finding.end_line.to_string())];
    // Columns are only understood where it is all one line.
    if finding.line == finding.end_line {
        properties.push(("col", finding.column.to_string()));
        properties.push(("endColumn", finding.end_column.to_string()));
    }
    properties.push(("title", format!("backstop: {}", finding.rule)));
    command(name, &properties, &format!("{}\n{}\n{}", finding.message, finding.effect, finding.remedy))
}
